import { readOutcome } from '#commands';
import { keyOfStream, presentOutcome } from '#contracts';
import type { StoredOutcome } from '#event-store';
import { groupBy } from '#runtime';
import {
  Findings,
  isWithin,
  type Answered,
  type CheckpointSample,
  type Logged,
  type Span,
  type TopicRecord,
  type Violation,
} from './evidence.js';

/** What should be on a topic: its place (a position, or the count of an outcome), key and value. */
export type ToPublish = Readonly<{ place: number; key: string; value: string; version?: number }>;

/** What the events topic should have. */
export const eventsToPublish = (events: readonly Logged[]): ToPublish[] =>
  events.map(({ position, stream, data, version }) => ({
    place: position,
    key: keyOfStream(stream),
    value: data,
    version,
  }));

/** What the outcomes topic should have. */
export const outcomesToPublish = (outcomes: readonly Answered[]): ToPublish[] =>
  outcomes.map((outcome) => ({
    place: outcome.seq,
    key: keyOfStream(outcome.stream),
    value: JSON.stringify(presentOutcome(readOutcome(outcome as StoredOutcome))),
  }));

/** Records in the order in which their partition has them; of several partitions in any. */
const inOrder = (records: readonly TopicRecord[]): TopicRecord[] =>
  records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);

/** K1, K2: everything is there, and nothing else. */
export const checkComplete = (wanted: readonly ToPublish[], records: readonly TopicRecord[]): Violation[] => {
  const found = new Findings();
  const byPlace = new Map(wanted.map((each) => [each.place, each]));
  const there = new Set<number>();
  for (const { place, key, value, partition, offset } of records) {
    const own = byPlace.get(place);
    const isReal = own !== undefined && own.key === key && own.value === value;
    found.check(isReal, 'K2', () => `${partition}/${offset} is no record of the log: place ${place}, key ${key}`);
    there.add(place);
  }
  for (const { place, key } of wanted)
    found.check(there.has(place), 'K1', () => `${place} of ${key} is not on the topic`);
  return found.violations;
};

/** K3, K4, K5: per key the order of the log, without a gap that anybody could see, in one partition. */
export const checkNoGap = (wanted: readonly ToPublish[], records: readonly TopicRecord[]): Violation[] => {
  const found = new Findings();
  const index = new Map<string, Map<number, number>>();
  for (const [key, own] of groupBy(wanted, (each) => each.key)) {
    index.set(key, new Map(own.map(({ place }, i) => [place, i + 1])));
  }
  const seen = new Map<string, number>();
  const home = new Map<string, number>();
  for (const { key, place, partition, offset } of inOrder(records)) {
    const n = index.get(key)?.get(place);
    if (n === undefined) continue;
    const last = seen.get(key) ?? 0;
    found.check(n <= last + 1, 'K4', () => `${partition}/${offset}: entry ${n} of ${key} follows ${last}`);
    seen.set(key, Math.max(last, n));
    const first = home.get(key) ?? partition;
    home.set(key, first);
    found.check(first === partition, 'K5', () => `${key} lies in partitions ${first} and ${partition}`);
  }
  return found.violations;
};

/** K6: how many records are there more than once; more than faults can have made is a violation. */
export const checkDuplicates = (records: readonly TopicRecord[], mostExpected: number): Violation[] => {
  const found = new Findings();
  const duplicates = records.length - new Set(records.map(({ place }) => place)).size;
  found.check(duplicates <= mostExpected, 'K6', () => `${duplicates} duplicates, where ${mostExpected} may be`);
  return found.violations;
};

/** K6: nothing is published again but for a fault: a record that was there before was sent while one lasted, or was being got over. */
export const checkRepeats = (records: readonly TopicRecord[], faults: readonly Span[]): Violation[] => {
  const found = new Findings();
  const seen = new Set<number>();
  for (const { place, partition, offset, at } of inOrder(records)) {
    const isExcused = !seen.has(place) || (at !== undefined && isWithin(at, faults));
    seen.add(place);
    found.check(isExcused, 'K6', () => `${partition}/${offset} repeats ${place}, with no fault at ${at}`);
  }
  return found.violations;
};

/** Up to which place all was on the topic at a moment, by when the broker took each place for the first time. */
export const publishedBy = (records: readonly TopicRecord[]): ((at: number) => number) => {
  const first: number[] = [];
  for (const { place, at = Infinity } of records) first[place] = Math.min(at, first[place] ?? Infinity);
  const whole: number[] = [];
  for (let place = 1; place < first.length; place += 1)
    whole.push(Math.max(first[place] ?? Infinity, whole.at(-1) ?? 0));
  return (at) => {
    let [from, to] = [0, whole.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (whole[middle]! <= at) from = middle + 1;
      else to = middle;
    }
    return from;
  };
};

/** K10: records with one id are the same bytes. */
export const checkDedupable = (records: readonly TopicRecord[]): Violation[] => {
  const found = new Findings();
  const values = new Map<string, string>();
  for (const { id, key, value, partition, offset } of records) {
    const own = JSON.stringify([key, value]);
    const before = values.get(id) ?? own;
    values.set(id, before);
    found.check(before === own, 'K10', () => `${partition}/${offset} has the id ${id} of another record`);
  }
  return found.violations;
};

/** Beside data and metadata: names, times, headers, and what a batch says of itself. */
const MARGIN_BYTES = 4_096;

/** K9: no event is larger than a record may be. */
export const checkPublishable = (
  events: readonly Pick<Logged, 'position' | 'data' | 'metadata'>[],
  mostBytes: number,
): Violation[] => {
  const found = new Findings();
  for (const { position, data, metadata } of events) {
    const bytes = Buffer.byteLength(data) + Buffer.byteLength(metadata) + MARGIN_BYTES;
    found.check(bytes <= mostBytes, 'K9', () => `event ${position} has ${bytes} bytes, and a record ${mostBytes}`);
  }
  return found.violations;
};

/** K7, R3: a checkpoint never runs ahead of what it stands for, and goes back only where somebody said so. */
export const checkCheckpoints = (samples: readonly CheckpointSample[], invariant: 'K7' | 'R3'): Violation[] => {
  const found = new Findings();
  const last = new Map<string, number>();
  for (const { name, position, reached, byOperator } of samples) {
    const before = last.get(name) ?? 0;
    last.set(name, position);
    found.check(
      byOperator === true || position >= before,
      invariant,
      () => `${name} went from ${before} to ${position}`,
    );
    found.check(
      position <= reached,
      invariant,
      () => `${name} stood at ${position}, and all was there up to ${reached}`,
    );
  }
  return found.violations;
};

/** The last record of each key is what is current there; a key that never had anything current may be missing. */
export const checkCurrentTopic = (
  current: ReadonlyMap<string, string | null>,
  records: readonly TopicRecord[],
): Violation[] => {
  const found = new Findings();
  const last = new Map(inOrder(records).map(({ key, value }) => [key, value]));
  for (const [key, value] of current) {
    const told = last.get(key) ?? null;
    found.check(told === value, 'K1', () => `the last record of ${key} on the compacted topic is not what is current`);
  }
  return found.violations;
};

/** All that must hold of a topic of facts: K1 to K4, K10. Where the broker `lostTail`, gaps show by its doing. */
export const checkTopic = (
  wanted: readonly ToPublish[],
  records: readonly TopicRecord[],
  lostTail = false,
): Violation[] => [
  ...checkComplete(wanted, records),
  ...(lostTail ? [] : checkNoGap(wanted, records)),
  ...checkDedupable(records),
];
