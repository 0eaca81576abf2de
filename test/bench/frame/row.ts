import type { RowName } from './bounds.js';

/** What a run is given. */
export type Settings = Readonly<{
  databaseUrl: string;
  /** Shows only that everything works: few rounds of little. */
  short: boolean;
}>;

/**
 * How busy the processes of a side were, in cores: `cores` all of that title, `busiest` the one of them that was busiest,
 * which has no time left at 1. The busiest come first.
 */
export type Load = ReadonlyArray<Readonly<{ title: string; cores: number; busiest: number }>>;

/** The figures of one side, a round each. */
export type Side = Readonly<{ rounds: readonly number[]; load: Load }>;

/** One comparison that was measured. */
export type Row = Readonly<{
  name: RowName;
  ours: Side;
  /** Missing where the bound is what a caller may wait, whoever else is how fast. */
  theirs?: Side;
  /** The most memory that the service held at any time, where it took part as a process of its own. */
  megabytes?: number | undefined;
  /** What the figures were measured at. */
  note: string;
}>;

export type Bench = (settings: Settings) => Promise<Row[]>;
export type KafkaBench = (settings: Settings & Readonly<{ broker: string }>) => Promise<Row[]>;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * The median over the rounds: each is compared with its neighbour in time, so that what slows both does not show. Without
 * another side it is our own figure.
 */
export const ratioOf = ({ ours, theirs }: Row): number =>
  median(ours.rounds.map((value, round) => (theirs ? value / theirs.rounds[round]! : value)));
