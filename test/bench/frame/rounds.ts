import { Usage, type Watched } from './usage.js';
import type { Settings, Side } from './row.js';

/** One side of a comparison: a round of it, and the processes that take part. */
export type Contestant = Readonly<{
  /** What a round needs and does not count. */
  before?(): Promise<unknown>;
  round(): Promise<number>;
  watched: readonly Watched[];
}>;

export const roundsOf = ({ short }: Settings): number => (short ? 1 : 5);

/**
 * Both sides round by round in turn, behind one round of each as warm-up. Who begins changes from round to round, unless
 * they need each other's order.
 */
export async function inTurn(
  settings: Settings,
  ours: Contestant,
  theirs: Contestant,
  order: 'changing' | 'fixed' = 'changing',
): Promise<Readonly<{ ours: Side; theirs: Side }>> {
  const sides = [ours, theirs].map((contestant) => ({
    contestant,
    rounds: [] as number[],
    usage: new Usage(contestant.watched),
  }));
  for (const { contestant } of sides) {
    await contestant.before?.();
    await contestant.round();
  }
  for (let round = 0; round < roundsOf(settings); round += 1) {
    for (const { contestant, rounds, usage } of order === 'fixed' || round % 2 === 0 ? sides : sides.toReversed()) {
      await contestant.before?.();
      rounds.push(await usage.during(() => contestant.round()));
    }
  }
  const [first, second] = sides.map(({ rounds, usage }) => ({ rounds, load: usage.load() }));
  return { ours: first!, theirs: second! };
}
