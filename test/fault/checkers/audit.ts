import { Findings, type Violation } from './evidence.js';

/**
 * What the verifier said of an export, by which checkpoints: those of the end, or those that somebody had put aside before it.
 * `tampering` says what was done to the export, if anything.
 */
export type Verified = Readonly<{
  tampering?: string;
  checkpoints: 'of the end' | 'put aside';
  verdict: string;
  message: string;
}>;

/** A1, A2, A3: the log is verified, what was signed is a part of all that is signed later, and each tampering is found. */
export const checkVerdicts = (verdicts: readonly Verified[]): Violation[] => {
  const found = new Findings();
  for (const { tampering, checkpoints, verdict, message } of verdicts) {
    if (tampering !== undefined)
      found.check(
        verdict === 'differs',
        'A3',
        () => `the verdict on an export with ${tampering} is ${verdict}: ${message}`,
      );
    else
      found.check(
        verdict === 'verified',
        checkpoints === 'of the end' ? 'A1' : 'A2',
        () => `the verdict is ${verdict} by the checkpoints ${checkpoints}: ${message}`,
      );
  }
  return found.violations;
};

/** A replica's sealer, and how far it has sealed. */
export type Sealing = Readonly<{ replica: number; state: string; reason: string | null; sealed: number }>;

/** A1: everybody goes on sealing, and `due` events are sealed. */
export const checkSealing = (sealers: readonly Sealing[], due: number): Violation[] => {
  const found = new Findings();
  for (const { replica, state, reason, sealed } of sealers) {
    const isWell = state === 'running' && sealed >= due;
    found.check(isWell, 'A1', () => `replica ${replica} is ${state} at ${sealed} of ${due} events: ${reason}`);
  }
  return found.violations;
};
