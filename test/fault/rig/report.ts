import { groupBy } from '#runtime';
import type { Late, Span, Violation } from '../checkers/index.js';
import type { Found } from './evidence.js';
import type { Fleet } from './fleet.js';
import type { KafkaHistory } from './kafka-writer.js';
import type { Fault } from './plan.js';
import { acceptedOf, type RestHistory } from './rest-writer.js';
import type { Watch } from './watch.js';

/**
 * A fault that was healed, from when to when it was there, after how many milliseconds all replicas were ready again, and after
 * how many more all was published; `overAt` is when.
 */
export type Suffered = Fault & Span & Readonly<{ readyMs: number; publishedMs: number; overAt: number }>;

export type Result = Readonly<{
  minutes: number;
  seed: number;
  suffered: readonly Suffered[];
  skipped: ReadonlyMap<string, string>;
  /** How many there were in the log at the end. */
  events: number;
  figures: readonly string[];
  violations: readonly Violation[];
  /** How much there was that only some commands, reads and machines have to be judged by. */
  judged: Readonly<Record<string, number>>;
}>;

/** What a run has to have some of, or a checker judges nothing. */
export const judgedIn = ({ rest, watch }: Pick<Seen, 'rest' | 'watch'>): Result['judged'] => ({
  conditional: rest.attempts.filter((each) => each.expectedVersion !== undefined && acceptedOf(each)).length,
  reads: rest.reads.filter(({ stood }) => stood !== null).length,
  // Nobody else says how much memory a process has.
  ...(process.platform === 'linux' ? { weights: watch.weights.length } : {}),
});

type Seen = Readonly<{
  found: Found;
  late: readonly Late[];
  rest: RestHistory;
  kafka: KafkaHistory;
  watch: Watch;
  fleet: Fleet;
  suffered: readonly Suffered[];
  violations: readonly Violation[];
}>;

/** What a run is told by, a line each. */
export function figuresOf({ found, late, rest, kafka, watch, fleet, suffered, violations }: Seen): string[] {
  const { events, outcomes, topics, deadLetters } = found;
  const accepted = outcomes.filter(({ outcome }) => outcome.includes('"accepted"')).length;
  const unknown = rest.attempts.filter(({ seen }) => seen.some(({ status }) => status === 0 || status === 503)).length;
  const unsure = kafka.commands.filter(({ acked }) => acked > 1).length;
  const count = (...invariants: string[]): number =>
    violations.filter(({ invariant }) => invariants.includes(invariant)).length;
  const duplicates = topics.events.length - new Set(topics.events.map(({ place }) => place)).size;
  const judged = judgedIn({ rest, watch });
  const timed = events.filter(({ data }) => data.includes('"deadline":"')).length;
  return [
    `operations  ${rest.attempts.length} over HTTP, ${kafka.commands.length} over Kafka (${unsure} of them more than once)`,
    `outcomes    ${accepted} accepted, ${outcomes.length - accepted} rejected; ${unknown} were unknown to their sender at first`,
    `by version  ${judged['conditional']} commands over HTTP were decided on the version that they named, ${judged['reads']} of ${rest.reads.length} reads had the position that they asked for`,
    `events      ${events.length}, of which ${timed} time-outs; ${deadLetters.length} dead letters`,
    `time-outs   recorded ${spread(late.map(({ ms }) => ms))} behind what they were due, faults apart`,
    `duplicates  ${duplicates} on the topic of ${topics.events.length} records`,
    `take-over   ${spread(watch.takeOvers)} from the death of a publisher to the next one`,
    `ready again ${spread(suffered.map(({ readyMs }) => readyMs))} after a round of faults, and all was published ${spread(suffered.map(({ publishedMs }) => publishedMs))} after that`,
    `replicas    ${fleet.failedStarts.length} starts failed, ${most(watch.connections.map(({ count }) => count))} connections and ${Math.round(most(watch.weights.map(({ bytes }) => bytes)) / 1024 ** 2)} MiB in one process at most`,
    `lost        ${count('C2', 'K1', 'S5', 'C7')}`,
    `doubled     ${count('C1', 'S6', 'T1', 'K6', 'K10')}`,
    `gaps        ${count('S1', 'S3', 'K4')}`,
  ];
}

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

const spread = (values: readonly number[]): string => {
  if (values.length === 0) return 'never';
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted[Math.floor(sorted.length / 2)]} ms (at most ${sorted.at(-1)} ms, ${sorted.length} times)`;
};

/** The whole result as text. */
export function textOf({ minutes, seed, suffered, skipped, figures, violations }: Result): string {
  const byKind = [...groupBy(suffered, ({ kind }) => kind)].map(([kind, own]) => `${own.length} ${kind}`).sort();
  return [
    `${minutes} minutes with seed ${seed}`,
    `faults      ${suffered.length}: ${byKind.join(', ')}`,
    ...[...skipped].map(([kind, why]) => `            no ${kind}: ${why}`),
    ...figures,
    ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
    violations.length === 0 ? 'no violation' : `${violations.length} violations`,
  ].join('\n');
}
