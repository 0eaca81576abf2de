import { setTimeout as pause } from 'node:timers/promises';

/** Looks every 20 ms until there is something, and answers that; throws, with what `show` says, when there is nothing in time. */
export async function until<T>(
  look: () => T | Promise<T>,
  show: () => unknown = () => '',
  withinMs = 30_000,
): Promise<Exclude<T, undefined | false>> {
  for (const late = performance.now() + withinMs; ; await pause(20)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen as Exclude<T, undefined | false>;
    if (performance.now() > late) throw new Error(`Not so within ${withinMs} ms: ${JSON.stringify(show())}`);
  }
}
