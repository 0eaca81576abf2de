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

type Order = 'changing' | 'ours first' | 'theirs first';

/** Both sides as `allInTurn` measures them; `order` says who begins. */
export async function inTurn(
  settings: Settings,
  ours: Contestant,
  theirs: Contestant,
  order: Order = 'changing',
): Promise<Readonly<{ ours: Side; theirs: Side }>> {
  const isTurned = order === 'theirs first';
  const contestants = isTurned ? [theirs, ours] : [ours, theirs];
  const sides = await allInTurn(settings, contestants, order === 'changing');
  const [first, second] = isTurned ? sides.toReversed() : sides;
  return { ours: first!, theirs: second! };
}

/**
 * All contestants round by round in turn, behind one round of each as warm-up. Their order is turned from round to round,
 * unless one needs what another has done.
 */
export async function allInTurn(
  settings: Settings,
  contestants: readonly Contestant[],
  isChanging = true,
): Promise<Side[]> {
  const sides = contestants.map((contestant) => ({
    contestant,
    rounds: [] as number[],
    usage: new Usage(contestant.watched),
  }));
  const turned = sides.toReversed();
  for (const { contestant } of sides) {
    await contestant.before?.();
    await contestant.round();
  }
  for (let round = 0; round < roundsOf(settings); round += 1) {
    for (const { contestant, rounds, usage } of isChanging && round % 2 === 1 ? turned : sides) {
      await contestant.before?.();
      rounds.push(await usage.during(() => contestant.round()));
    }
  }
  return sides.map(({ rounds, usage }) => ({ rounds, load: usage.load() }));
}
