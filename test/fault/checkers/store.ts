import { createHash } from 'node:crypto';
import { groupBy } from '#runtime';
import { assertInvariants } from '#domain/testing';
import { Findings, type Answered, type Logged, type Violation } from './evidence.js';

/** S1, S2, S3: versions and positions count without a gap, in one order, and nothing is there twice. `events` by position. */
export const checkOrder = (events: readonly Logged[]): Violation[] => {
  const found = new Findings();
  const ids = new Set<string>();
  const versions = new Map<string, number>();
  let last = 0;
  let recordedAt = '';
  for (const { position, stream, version, id, recordedAt: at } of events) {
    found.check(position === last + 1, 'S3', () => `position ${position} follows ${last}`);
    found.check(id === undefined || !ids.has(id), 'S3', () => `the id of position ${position} is there twice`);
    const before = versions.get(stream) ?? 0;
    found.check(version > before, 'S2', () => `${stream}: version ${version} at ${position}, after ${before}`);
    found.check(version === before + 1, 'S1', () => `${stream}: version ${version} follows ${before}`);
    found.check(at >= recordedAt, 'S2', () => `position ${position} was recorded at ${at}, before ${recordedAt}`);
    if (id !== undefined) ids.add(id);
    versions.set(stream, version);
    recordedAt = at;
    last = position;
  }
  return found.violations;
};

/** What `sha256(E[1..k])` is taken over. */
const textOf = ({
  position,
  stream,
  version,
  type,
  data,
  metadata,
  commandId,
  occurredAt,
  recordedAt,
}: Logged): string =>
  `${JSON.stringify([position, stream, version, type, data, metadata, commandId, occurredAt, recordedAt])}\n`;

/** The digest of the first `count` events, to be kept outside the database and taken again later. */
export const digestOf = (events: readonly Logged[], count = events.length): string => {
  const hash = createHash('sha256');
  for (const event of events.slice(0, count)) hash.update(textOf(event));
  return hash.digest('hex');
};

export type Digest = Readonly<{ count: number; digest: string }>;

/** S4: what the log was at each earlier look is what it begins with now. */
export const checkImmutable = (events: readonly Logged[], digests: readonly Digest[]): Violation[] => {
  const found = new Findings();
  for (const { count, digest } of digests) {
    found.check(
      digestOf(events, count) === digest,
      'S4',
      () => `the first ${count} events are no longer what they were`,
    );
  }
  return found.violations;
};

/** S5: a reader that knows nothing but `position > last` saw exactly the log. */
export const checkTail = (events: readonly Logged[], tailed: readonly number[]): Violation[] => {
  const found = new Findings();
  const seen = new Set(tailed);
  for (const { position } of events) found.check(seen.has(position), 'S5', () => `the tailer never saw ${position}`);
  const sorted = tailed.every((position, i) => i === 0 || position > tailed[i - 1]!);
  found.check(sorted && seen.size === events.length, 'S5', () => 'the tailer saw what is not in the log, or twice');
  return found.violations;
};

type OutcomeBody = Readonly<{ outcome: string; events: readonly string[] }>;
export const bodyOf = ({ outcome }: Pick<Answered, 'outcome'>): OutcomeBody => JSON.parse(outcome) as OutcomeBody;

/** Of the stream and the command id; streams have no space. */
export const commandKey = (of: Readonly<{ stream: string; commandId: string }>): string =>
  `${of.stream} ${of.commandId}`;

/** S6, C3: the events of a command are those of its outcome, next to each other; a rejected one has none. */
export const checkAtomic = (events: readonly Logged[], outcomes: readonly Answered[]): Violation[] => {
  const found = new Findings();
  const byCommand = groupBy(events, commandKey);
  const known = new Set<string>();
  for (const outcome of outcomes) {
    const key = commandKey(outcome);
    const own = byCommand.get(key) ?? [];
    const { outcome: answer, events: types } = bodyOf(outcome);
    known.add(key);
    found.check(
      answer === 'accepted' || own.length === 0,
      'C3',
      () => `${key} was rejected and has ${own.length} events`,
    );
    if (answer !== 'accepted') continue;
    const same = own.map(({ type }) => type).join() === types.join();
    found.check(same, 'S6', () => `${key} has ${own.map(({ type }) => type).join()}, and its outcome ${types.join()}`);
    own.forEach(({ version }, i) => {
      const expected = outcome.version - own.length + 1 + i;
      found.check(version === expected, 'S6', () => `${key}: version ${version} where ${expected} belongs`);
    });
  }
  for (const key of byCommand.keys()) found.check(known.has(key), 'S6', () => `${key} has events and no outcome`);
  return found.violations;
};

/** S7, D1, D3: each stream is a legal history, at every prefix. */
export const checkLegal = (events: readonly Logged[]): Violation[] => {
  const found = new Findings();
  for (const [stream, own] of groupBy(events, (event) => event.stream)) {
    try {
      assertInvariants(own.map(({ type, version, data }) => ({ type, version, data: JSON.parse(data) as unknown })));
    } catch (error) {
      const { message } = error as Error;
      found.add(invariantOf(message), `${stream}: ${message}`);
    }
  }
  return found.violations;
};

const invariantOf = (message: string): string => {
  if (message.includes('at most one is')) return 'D1';
  if (message.includes('only time hangs') || message.includes('a time-out names')) return 'D3';
  return 'S7';
};

/** D2: whoever is superseded ends in the commit in which the next becomes current, just before it. */
export const checkSupersession = (events: readonly Logged[]): Violation[] => {
  const found = new Findings();
  for (const own of groupBy(events, ({ stream }) => stream).values()) {
    own.forEach((event, i) => {
      if (event.type !== 'DeploymentSuperseded') return;
      const next = own[i + 1];
      const isOne = next?.type === 'DeploymentFinished' && next.commandId === event.commandId;
      found.check(isOne, 'D2', () => `${event.stream}: version ${event.version} ends one and none begins with it`);
    });
  }
  return found.violations;
};

/** What was seen of a log: `digests` of its beginning at some moments, and what a plain tailer came by. */
export type StoreSeen = Readonly<{
  events: readonly Logged[];
  outcomes: readonly Answered[];
  digests: readonly Digest[];
  tailed: readonly number[];
}>;

/** All that must hold of a log by itself: S1 to S7, D1 to D3. */
export const checkStore = ({ events, outcomes, digests, tailed }: StoreSeen): Violation[] => [
  ...checkOrder(events),
  ...checkImmutable(events, digests),
  ...checkTail(events, tailed),
  ...checkAtomic(events, outcomes),
  ...checkLegal(events),
  ...checkSupersession(events),
];
