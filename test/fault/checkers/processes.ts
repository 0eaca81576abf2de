import { Findings, type Violation } from './evidence.js';

/** An end that nobody asked for: with which code or signal, and the last lines that the process wrote. */
export type Exit = Readonly<{ replica: number; reason: string; log: readonly string[] }>;

const LAST_LINES = 3;

/** X1: no process ends that nobody told to. */
export const checkExits = (exits: readonly Exit[]): Violation[] => {
  const found = new Findings();
  for (const { replica, reason, log } of exits)
    found.add('X1', `replica ${replica} ended by itself (${reason}): ${log.slice(-LAST_LINES).join('\n')}`);
  return found.violations;
};
