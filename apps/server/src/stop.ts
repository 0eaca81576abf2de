import { stopInOrder, type Logger, type StopStep } from '#runtime';

/** Steps side by side; the next stage begins when all have ended, well or not. */
export type Stage = readonly StopStep[];

/** A stage that comes when the time is up is tried all the same: closing takes a moment where nothing is wrong. */
const LEAST_MS = 500;

/** Takes the stages one after the other within `withinMs` in all, each step in its own time at most. Promises whether all was done. */
export async function stopInStages(stages: readonly Stage[], withinMs: number, log: Logger): Promise<boolean> {
  const end = performance.now() + withinMs;
  let clean = true;
  for (const stage of stages) {
    const left = Math.max(LEAST_MS, end - performance.now());
    const bounded = stage.map((step) => ({ ...step, withinMs: Math.min(step.withinMs, left) }));
    const done = await Promise.all(bounded.map((step) => stopInOrder([step], log)));
    clean &&= done.every(Boolean);
  }
  return clean;
}
