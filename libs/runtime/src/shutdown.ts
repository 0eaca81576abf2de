import type { Logger } from './logger.js';

/** One step of an orderly stop; `withinMs` bounds it. */
export type StopStep = Readonly<{ name: string; withinMs: number; run: () => unknown }>;

/**
 * Takes the steps one after the other. A step that fails or takes longer than its time is logged and left behind: a
 * stop always ends. Promises whether all of them were done.
 */
export async function stopInOrder(steps: readonly StopStep[], log: Logger): Promise<boolean> {
  let clean = true;
  for (const step of steps) {
    try {
      await within(step.withinMs, Promise.resolve().then(step.run));
    } catch (err) {
      clean = false;
      log.error({ err, step: step.name }, 'A step of the stop was not done');
    }
  }
  return clean;
}

/** Settles as `promise` does, or rejects after `ms` milliseconds. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
