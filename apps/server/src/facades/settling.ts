import { streamOf } from '#domain';
import { Problem } from '../http/problem.js';

/** How long a report waits and is decided anew. Counted tries would refuse whoever is unlucky among many. */
const PATIENCE_MS = 10_000;

type Place = Readonly<{ project: string; target: string }>;

/** The last of those who wait for their turn, by target. */
const last = new Map<string, Promise<unknown>>();

/**
 * Carries out what `decide` finds to do by how things stand, and decides anew where they stood so no longer, as its error tells.
 * Reports of one target take turns in this process: at once, each would overtake all others. Throws 503 when it takes too long.
 */
export async function settling<T>(
  { project, target }: Place,
  decide: () => Promise<T>,
  isOvertaken: (error: unknown) => boolean = isOutdated,
): Promise<T> {
  const late = performance.now() + PATIENCE_MS;
  return inTurn(streamOf(project, target), async () => {
    // Whoever has waited too long is told so at once: while the database is away, turns take long as well.
    while (performance.now() < late) {
      try {
        return await decide();
      } catch (error) {
        if (!isOvertaken(error)) throw error;
      }
    }
    throw new Problem('unavailable', 'Others report of this environment at the same time; try again.', {
      headers: { 'retry-after': '1' },
    });
  });
}

async function inTurn<T>(of: string, work: () => Promise<T>): Promise<T> {
  const turn = (last.get(of) ?? Promise.resolve()).then(work);
  const end = turn.catch(() => undefined);
  last.set(of, end);
  try {
    return await turn;
  } finally {
    if (last.get(of) === end) last.delete(of);
  }
}

export const isRefusal = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Problem && codes.includes(error.code);

/** Decided on a version of the target that is none any more. */
export const isOutdated = (error: unknown): boolean => isRefusal(error, ['version_conflict', 'target_not_found']);
