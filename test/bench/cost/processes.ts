import { Usage, type Watched } from '../frame/usage.js';

/** How much of the processor each of them took while `work` went on, in seconds, and how long it went on. */
export async function secondsOf<T>(
  watched: readonly Watched[],
  work: () => Promise<T>,
): Promise<Readonly<{ result: T; wall: number; of: (title: string) => number }>> {
  const usage = new Usage(watched);
  const began = performance.now();
  const result = await usage.during(work);
  const wall = (performance.now() - began) / 1_000;
  const of = (title: string): number => (usage.load().find((each) => each.title === title)?.cores ?? 0) * wall;
  return { result, wall, of };
}
