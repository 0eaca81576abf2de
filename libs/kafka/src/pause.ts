import { setTimeout as wait } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Waits `ms` milliseconds, or less when the signal is given first; never rejects. */
export const pause = async (ms: number, signal?: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { ...(signal ? { signal } : {}) }).catch(() => undefined);
};

/** How long to wait after the `failures`th failure in a row, in milliseconds: doubling, with jitter, up to 5 s. */
export const backOff = (failures: number): number =>
  Math.min(FIRST_MS * 2 ** Math.min(failures, 10), LONGEST_MS) * (0.5 + Math.random() / 2);

/** Tries until it succeeds, the signal is given, or it meets a bug; `failed` is told of each failure and may throw to end it. */
export async function untilDone<T>(
  attempt: () => Promise<T>,
  failed: (error: unknown) => void,
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
      failed(error);
      await pause(backOff(failures), signal);
    }
  }
}
