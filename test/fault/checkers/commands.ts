import { groupBy } from '#runtime';
import {
  Findings,
  type Answered,
  type CommandRecord,
  type DeadLetter,
  type Logged,
  type OffsetSample,
  type Operation,
  type Violation,
} from './evidence.js';
import { bodyOf, commandKey } from './store.js';

const SETTLED = new Set<Operation['result']>(['accepted', 'rejected']);

/** C1 to C6, and the order of real time: what senders were told is what stands in the log, once, and for ever the same. */
export const checkAnswers = (
  operations: readonly Operation[],
  { events, outcomes }: Readonly<{ events: readonly Logged[]; outcomes: readonly Answered[] }>,
): Violation[] => {
  const found = new Findings();
  const stored = new Map(outcomes.map((outcome) => [commandKey(outcome), outcome]));
  found.check(stored.size === outcomes.length, 'C1', () => 'a command id has two outcomes');
  const byCommand = groupBy(events, commandKey);
  for (const [key, own] of groupBy(operations, commandKey)) {
    const settled = own.filter(({ result }) => SETTLED.has(result));
    sameAnswer(found, key, settled);
    const outcome = stored.get(key);
    for (const operation of settled) against(found, operation, { key, outcome, events: byCommand.get(key) ?? [] });
    resolved(found, key, own, outcome);
    onePayload(found, key, own);
  }
  raced(found, operations);
  inRealTime(found, operations);
  return found.violations;
};

const sameAnswer = (found: Findings, key: string, settled: readonly Operation[]): void => {
  const bodies = new Set(settled.map(({ body }) => body));
  found.check(bodies.size <= 1, 'C1', () => `${key} was answered ${[...bodies].join(' and ')}`);
};

type Stored = Readonly<{ key: string; outcome: Answered | undefined; events: readonly Logged[] }>;

const against = (found: Findings, operation: Operation, { key, outcome, events }: Stored): void => {
  const { result, position, version, events: told = [] } = operation;
  if (outcome === undefined) {
    found.add(result === 'accepted' ? 'C2' : 'C1', `${key} was ${result}, and no outcome is there`);
    return;
  }
  const { outcome: kept } = bodyOf(outcome);
  found.check(kept === result, 'C1', () => `${key} was answered ${result}, and its outcome is ${kept}`);
  const isSame =
    (position ?? outcome.position) === outcome.position && (version ?? outcome.version) === outcome.version;
  found.check(isSame, 'C1', () => `${key} was answered at ${position}/${version}, and stands at ${outcome.position}`);
  const spelled = (list: ReadonlyArray<Readonly<{ type: string; version: number; position: number }>>): string =>
    list.map((each) => `${each.type}/${each.version}/${each.position}`).join();
  found.check(
    spelled(told) === spelled(events),
    result === 'accepted' ? 'C2' : 'C3',
    () =>
      `${key} was answered ${result} with ${spelled(told) || 'no event'}, and the log has ${spelled(events) || 'none'}`,
  );
};

/** C4: at the end nothing is unknown, and what was said to have failed has not happened. */
const resolved = (found: Findings, key: string, own: readonly Operation[], outcome: Answered | undefined): void => {
  const refused = own.find(({ result }) => result === 'refused');
  found.check(
    refused === undefined || outcome === undefined,
    'C4',
    () => `${key} was refused for good, and has an outcome`,
  );
  const isOpen = own.every(({ result }) => result === 'unknown');
  found.check(!isOpen, 'C4', () => `${key} is still unknown after ${own.length} tries`);
};

/** C5: of the commands sent under one id one alone is answered, the others are told that it is another's. */
const onePayload = (found: Findings, key: string, own: readonly Operation[]): void => {
  const answered = new Set(own.filter(({ result }) => SETTLED.has(result)).map(({ payload }) => payload));
  found.check(answered.size <= 1, 'C5', () => `${answered.size} different commands were answered under ${key}`);
};

/** C6: of those that were decided on one version, one at most was carried out. */
const raced = (found: Findings, operations: readonly Operation[]): void => {
  const won = operations.filter(
    ({ result, expectedVersion, events = [] }) =>
      result === 'accepted' && expectedVersion !== undefined && events.length > 0,
  );
  for (const { stream, commandId, version, expectedVersion, events = [] } of won)
    found.check(
      version === expectedVersion! + events.length,
      'C6',
      () => `${stream} ${commandId} was to be decided on version ${expectedVersion}, and came to ${version}`,
    );
  for (const [place, own] of groupBy(won, ({ stream, expectedVersion }) => `${stream} at ${expectedVersion}`)) {
    const ids = new Set(own.map(({ commandId }) => commandId));
    found.check(ids.size <= 1, 'C6', () => `${place}: ${[...ids].join(' and ')} were both accepted`);
  }
};

type Placed = Readonly<{ key: string; position: number; invokedAt: number; returnedAt: number }>;

/** Real time: what was answered before another command was sent at all stands before that in the log, on whatever targets. */
const inRealTime = (found: Findings, operations: readonly Operation[]): void => {
  const placed = placedOf(operations);
  const byReturn = placed.toSorted((a, b) => a.returnedAt - b.returnedAt);
  let answered = 0;
  let last: Placed | undefined;
  for (const each of placed.toSorted((a, b) => a.invokedAt - b.invokedAt)) {
    for (; answered < byReturn.length && byReturn[answered]!.returnedAt < each.invokedAt; answered += 1)
      if (byReturn[answered]!.position > (last?.position ?? 0)) last = byReturn[answered];
    const before = last;
    found.check(
      before === undefined || before.position < each.position,
      'real time',
      () =>
        `${each.key} stands at ${each.position}, and was sent after ${before?.key} was answered at ${before?.position}`,
    );
  }
};

/** Commands that have events, from when they were first sent until they were first answered. Without events the position is of another. */
const placedOf = (operations: readonly Operation[]): Placed[] =>
  [...groupBy(operations, commandKey)].flatMap(([key, own]) => {
    const accepted = own.filter(({ result, events = [] }) => result === 'accepted' && events.length > 0);
    const { position } = accepted[0] ?? {};
    if (position === undefined) return [];
    const invokedAt = Math.min(...own.map((each) => each.invokedAt));
    return [{ key, position, invokedAt, returnedAt: Math.min(...accepted.map((each) => each.returnedAt ?? Infinity)) }];
  });

/** What became of the records of the commands topic. */
export type Inbound = Readonly<{
  records: readonly CommandRecord[];
  outcomes: readonly Answered[];
  deadLetters: readonly DeadLetter[];
  samples: readonly OffsetSample[];
  /** First offset after those that retention took before anybody could read them, by partition. */
  lost?: ReadonlyMap<number, number>;
}>;

const placeOf = ({ partition, offset }: Readonly<{ partition: number; offset: number }>): string =>
  `${partition}/${offset}`;

/** C7: each record has its outcome or, where it deserves one, a dead letter; and each was handled. */
export const checkAccounting = ({ records, outcomes, deadLetters, samples, lost }: Inbound): Violation[] => {
  const found = new Findings();
  const stored = new Set(outcomes.map(commandKey));
  const dead = groupBy(deadLetters, placeOf);
  const reached = new Map<number, number>();
  for (const { partition, next } of samples) reached.set(partition, Math.max(next, reached.get(partition) ?? 0));
  for (const record of records) {
    const { partition, offset, stream, commandId } = record;
    if (offset < (lost?.get(partition) ?? 0)) continue;
    const place = placeOf(record);
    const letters = dead.get(place) ?? [];
    const hasOutcome = commandId !== undefined && stored.has(`${stream} ${commandId}`);
    found.check(hasOutcome || letters.length > 0, 'C7', () => `${place} has neither an outcome nor a dead letter`);
    found.check(offset < (reached.get(partition) ?? 0), 'C7', () => `${place} is not behind its partition's offset`);
    if (commandId !== undefined) buriedFairly(found, letters, { place, hasOutcome });
  }
  return found.violations;
};

/** A command is a dead letter only where its id is another command's. */
const buriedFairly = (
  found: Findings,
  letters: readonly DeadLetter[],
  { place, hasOutcome }: Readonly<{ place: string; hasOutcome: boolean }>,
): void => {
  const unfair = letters.find(({ reason }) => !hasOutcome || !reason.startsWith('idempotency_key_reused'));
  found.check(unfair === undefined, 'C7', () => `${place} is a command, and lies on the dead topic: ${unfair?.reason}`);
};

/** C8: what came to a key for the first time on the topic was decided in the order of its offsets. */
export const checkDecidedInOrder = (
  { records, outcomes }: Pick<Inbound, 'records' | 'outcomes'>,
  elsewhere: ReadonlySet<string>,
): Violation[] => {
  const found = new Findings();
  const seqs = new Map(outcomes.map((outcome) => [commandKey(outcome), outcome.seq]));
  const seen = new Set<string>();
  const last = new Map<string, Readonly<{ place: string; seq: number }>>();
  for (const record of records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    const key = `${record.stream} ${record.commandId}`;
    const seq = seqs.get(key);
    if (record.stream === undefined || seq === undefined || seen.has(key) || elsewhere.has(key)) continue;
    seen.add(key);
    const before = last.get(record.stream);
    const place = placeOf(record);
    found.check(
      before === undefined || before.seq < seq,
      'C8',
      () => `${record.stream}: ${place} was decided before ${before?.place}`,
    );
    last.set(record.stream, { place, seq });
  }
  return found.violations;
};

/** C10: offsets never go back, and never past a record that had neither an outcome nor a dead letter at that moment. */
export const checkOffsets = ({ records, outcomes, deadLetters, samples }: Inbound): Violation[] => {
  const found = new Findings();
  const seqs = new Map(outcomes.map((outcome) => [commandKey(outcome), outcome.seq]));
  const letters = new Map<string, number>();
  deadLetters.forEach((letter, i) => letters.set(placeOf(letter), letters.get(placeOf(letter)) ?? i));
  const byPartition = groupBy(records, ({ partition }) => partition);
  const last = new Map<number, number>();
  for (const { partition, next, outcomes: decided, deadLetters: buried, byOperator } of samples) {
    const before = last.get(partition) ?? 0;
    last.set(partition, next);
    if (byOperator) continue;
    found.check(next >= before, 'C10', () => `partition ${partition} went from ${before} back to ${next}`);
    for (const record of byPartition.get(partition) ?? []) {
      if (record.offset < before || record.offset >= next) continue;
      const seq = seqs.get(`${record.stream} ${record.commandId}`) ?? Infinity;
      const letter = letters.get(placeOf(record)) ?? Infinity;
      const isHandled = seq <= decided || letter < buried;
      found.check(
        isHandled,
        'C10',
        () => `partition ${partition} moved to ${next} when ${record.offset} had no outcome`,
      );
    }
  }
  return found.violations;
};

/** All that must hold of the commands topic and what became of it: C7, C8, C10. `elsewhere` names commands that also came another way. */
export const checkInbound = (inbound: Inbound, elsewhere: ReadonlySet<string>): Violation[] => [
  ...checkAccounting(inbound),
  ...checkDecidedInOrder(inbound, elsewhere),
  ...checkOffsets(inbound),
];
