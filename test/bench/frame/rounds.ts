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
 * one needs what the other has done.
 */
export async function inTurn(
  settings: Settings,
  ours: Contestant,
  theirs: Contestant,
  order: 'changing' | 'ours first' | 'theirs first' = 'changing',
): Promise<Readonly<{ ours: Side; theirs: Side }>> {
  const sides = [ours, theirs].map((contestant) => ({
    contestant,
    rounds: [] as number[],
    usage: new Usage(contestant.watched),
  }));
  const turned = sides.toReversed();
  const sequence = (round: number): typeof sides => {
    if (order === 'changing') return round % 2 === 0 ? sides : turned;
    return order === 'ours first' ? sides : turned;
  };
  for (const { contestant } of sequence(0)) {
    await contestant.before?.();
    await contestant.round();
  }
  for (let round = 0; round < roundsOf(settings); round += 1) {
    for (const { contestant, rounds, usage } of sequence(round)) {
      await contestant.before?.();
      rounds.push(await usage.during(() => contestant.round()));
    }
  }
  const [first, second] = sides.map(({ rounds, usage }) => ({ rounds, load: usage.load() }));
  return { ours: first!, theirs: second! };
}
