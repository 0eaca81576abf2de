import { describe, expect, it } from '@jest/globals';
import {
  checkAccounting,
  checkAnswers,
  checkAtomic,
  checkCheckpoints,
  checkComplete,
  checkCurrentTopic,
  checkDeadlines,
  checkDecidedInOrder,
  checkDedupable,
  checkDumps,
  checkDuplicates,
  checkImmutable,
  checkLegal,
  checkNoGap,
  checkOffsets,
  checkOrder,
  checkOverdue,
  checkReads,
  checkSupersession,
  checkTail,
  digestOf,
  type Answered,
  type CommandRecord,
  type Logged,
  type Operation,
  type TopicRecord,
  type Violation,
} from './index.js';

const invariants = (violations: readonly Violation[]): string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

const A = 'target:p/a';
const refs = [{ repository: 'web', branch: 'main' }];
const at = (second: number): string => `2026-11-20T10:00:${String(second).padStart(2, '0')}.000000Z`;

type Told = Readonly<{ type: string; data: object; commandId: string; recordedAt?: string; stream?: string }>;
const logOf = (...told: Told[]): Logged[] => {
  const versions = new Map<string, number>();
  return told.map(({ type, data, commandId, recordedAt, stream = A }, i) => {
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    return {
      ...{
        position: i + 1,
        stream,
        version,
        id: `id-${i}`,
        type,
        data: JSON.stringify(data),
        metadata: '{}',
        commandId,
      },
      ...{ occurredAt: at(i), recordedAt: recordedAt ?? at(i) },
    };
  });
};
const deployment = (number: number, from: string | null, status: string, more: object = {}) => ({
  ...{ number, from, status, commitRefs: refs },
  ...more,
});
const created: Told = { type: 'TargetCreated', data: {}, commandId: 'c1' };
const started: Told = { type: 'DeploymentStarted', data: deployment(1, null, 'deploying'), commandId: 'c2' };
const finished: Told = { type: 'DeploymentFinished', data: deployment(1, 'deploying', 'current'), commandId: 'c3' };
const good = logOf(created, started, finished, {
  ...{ type: 'DeploymentFinished', data: deployment(1, null, 'current'), commandId: 'b1', stream: 'target:p/b' },
});
const swapped = <T>(list: readonly T[], i: number, j: number): T[] =>
  list.map((each, n) => (n === i ? list[j]! : n === j ? list[i]! : each));

const outcome = (commandId: string, version: number, types: string[], more: Partial<Answered> = {}): Answered => ({
  ...{ stream: A, commandId, outcome: JSON.stringify({ outcome: 'accepted', events: types }) },
  ...{ position: version, version, seq: version, recordedAt: at(version) },
  ...more,
});
const no = JSON.stringify({ outcome: 'rejected', events: [] });
const outcomes = [
  outcome('c1', 1, ['TargetCreated']),
  outcome('c2', 2, ['DeploymentStarted']),
  outcome('c3', 3, ['DeploymentFinished']),
  outcome('c4', 3, [], { outcome: no, seq: 4 }),
];
const own = good.slice(0, 3);

describe('checkers of the store', () => {
  it('find nothing in a good log', () => {
    expect([
      ...checkOrder(good),
      ...checkLegal(own),
      ...checkSupersession(good),
      ...checkAtomic(own, outcomes),
    ]).toEqual([]);
  });

  it('find a version that is missing (S1) or twice (S2), and a position that is missing (S3)', () => {
    const with_ = (i: number, more: Partial<Logged>) =>
      good.map((event, n) => (n === i ? { ...event, ...more } : event));
    expect(invariants(checkOrder(with_(2, { version: 4 })))).toEqual(['S1']);
    expect(invariants(checkOrder(with_(2, { version: 2 })))).toContain('S2');
    expect(invariants(checkOrder(with_(3, { position: 5 })))).toEqual(['S3']);
    expect(invariants(checkOrder(with_(3, { id: 'id-0' })))).toEqual(['S3']);
    expect(invariants(checkOrder(with_(3, { recordedAt: at(0) })))).toEqual(['S2']);
  });

  it('find a log that is no longer what it was (S4)', () => {
    const digests = [1, 3].map((count) => ({ count, digest: digestOf(good, count) }));
    expect(checkImmutable(good, digests)).toEqual([]);
    expect(invariants(checkImmutable([{ ...good[0]!, data: '{ }' }, ...good.slice(1)], digests))).toEqual(['S4']);
  });

  it('find what a tailer skipped (S5)', () => {
    expect(checkTail(good, [1, 2, 3, 4])).toEqual([]);
    expect(invariants(checkTail(good, [1, 3, 4]))).toEqual(['S5']);
    expect(invariants(checkTail(good, [1, 2, 4, 3]))).toEqual(['S5']);
  });

  it('find half a command (S6) and a rejected one with events (C3)', () => {
    expect(invariants(checkAtomic(own.slice(0, 2), outcomes))).toEqual(['S6']);
    expect(invariants(checkAtomic(own, outcomes.slice(1)))).toEqual(['S6']);
    expect(invariants(checkAtomic([...own, { ...own[2]!, version: 4, commandId: 'c4' }], outcomes))).toEqual(['C3']);
  });

  it('find an illegal history (S7), two that deploy (D1), and a time-out of what has ended (S7)', () => {
    const two: Told = { type: 'DeploymentStarted', data: deployment(2, null, 'deploying'), commandId: 'c3' };
    expect(invariants(checkLegal(logOf(created, started, two)))).toEqual(['D1']);
    expect(invariants(checkLegal(logOf(created, finished)))).toEqual(['S7']);
    const late = {
      type: 'DeploymentFailed',
      data: deployment(1, 'deploying', 'failed', { deadline: at(9), rule: 'failing' }),
    };
    expect(invariants(checkLegal(logOf(created, started, finished, { ...late, commandId: 'c9' })))).toEqual(['S7']);
    const early = { type: 'DeploymentHung', data: deployment(1, 'deploying', 'hanging'), commandId: 'c9' };
    expect(invariants(checkLegal(logOf(created, started, early)))).toEqual(['D3']);
  });

  it('find a former current one that ends alone (D2)', () => {
    const ended = { type: 'DeploymentSuperseded', data: deployment(1, 'current', 'completed', { supersededBy: 2 }) };
    expect(invariants(checkSupersession(logOf(created, { ...ended, commandId: 'c4' })))).toEqual(['D2']);
  });
});

describe('checkers of answers', () => {
  const log = { events: own, outcomes };
  const operation = (commandId: string, version: number, more: Partial<Operation> = {}): Operation => ({
    ...{ stream: A, commandId, payload: commandId, invokedAt: 0, returnedAt: 1, result: 'accepted', body: commandId },
    ...{ position: version, version, events: own.filter((event) => event.commandId === commandId) },
    ...more,
  });
  const rejected = operation('c4', 3, { result: 'rejected' });
  const told = [operation('c1', 1), operation('c2', 2), operation('c3', 3), rejected];

  it('find nothing where all was told as it is', () => expect(checkAnswers(told, log)).toEqual([]));

  it('find two answers to one id, and an answer that is not the outcome (C1)', () => {
    expect(invariants(checkAnswers([...told, operation('c1', 1, { body: 'other' })], log))).toEqual(['C1']);
    expect(invariants(checkAnswers([operation('c4', 3)], log))).toEqual(['C1']);
    expect(invariants(checkAnswers([rejected], { events: own, outcomes: outcomes.slice(0, 3) }))).toEqual(['C1']);
    expect(invariants(checkAnswers([], { events: own, outcomes: [...outcomes, outcomes[0]!] }))).toEqual(['C1']);
  });

  it('find what was acknowledged and is lost (C2), and what was rejected and happened (C3)', () => {
    expect(invariants(checkAnswers(told, { events: own.slice(0, 2), outcomes }))).toEqual(['C2']);
    expect(invariants(checkAnswers([operation('c9', 4)], log))).toEqual(['C2']);
    const happened = { ...own[2]!, commandId: 'c4' };
    expect(invariants(checkAnswers([rejected], { events: [...own, happened], outcomes }))).toEqual(['C3']);
  });

  it('find what stays unknown, and a failure that was none (C4)', () => {
    expect(invariants(checkAnswers([operation('c9', 4, { result: 'unknown' })], log))).toEqual(['C4']);
    expect(invariants(checkAnswers([operation('c1', 1, { result: 'refused' }), operation('c1', 1)], log))).toEqual([
      'C4',
    ]);
  });

  it('find two commands under one id (C5), and two that won one race (C6)', () => {
    expect(invariants(checkAnswers([...told, operation('c1', 1, { payload: 'other' })], log))).toEqual(['C5']);
    const raced = [operation('c2', 2, { expectedVersion: 1 }), operation('c3', 3, { expectedVersion: 1 })];
    expect(invariants(checkAnswers(raced, log))).toEqual(['C6']);
  });
});

describe('checkers of the inbox', () => {
  const records: CommandRecord[] = [
    { partition: 0, offset: 0, stream: A, commandId: 'c1' },
    { partition: 0, offset: 1 },
    { partition: 0, offset: 2, stream: A, commandId: 'c2' },
  ];
  const deadLetters = [{ partition: 0, offset: 1, reason: 'malformed' }];
  const sample = (next: number, decided: number, buried = 1) => ({
    partition: 0,
    next,
    outcomes: decided,
    deadLetters: buried,
  });
  const inbound = { records, outcomes, deadLetters, samples: [sample(1, 1, 0), sample(3, 2)] };

  it('find nothing where all is accounted for', () => {
    expect([...checkAccounting(inbound), ...checkOffsets(inbound), ...checkDecidedInOrder(inbound, new Set())]).toEqual(
      [],
    );
  });

  it('find a record that got nothing, one never passed, and a command that was buried (C7)', () => {
    expect(invariants(checkAccounting({ ...inbound, deadLetters: [] }))).toEqual(['C7']);
    expect(invariants(checkAccounting({ ...inbound, samples: [sample(2, 2)] }))).toEqual(['C7']);
    const buried = [...deadLetters, { partition: 0, offset: 2, reason: 'not_recordable' }];
    expect(invariants(checkAccounting({ ...inbound, deadLetters: buried }))).toEqual(['C7']);
  });

  it('find commands of one key decided in another order (C8)', () => {
    const other = [outcome('c1', 2, [], { seq: 2 }), outcome('c2', 1, [], { seq: 1 })];
    expect(invariants(checkDecidedInOrder({ records, outcomes: other }, new Set()))).toEqual(['C8']);
  });

  it('find an offset that was moved too early, or back (C10)', () => {
    expect(invariants(checkOffsets({ ...inbound, samples: [sample(3, 1)] }))).toEqual(['C10']);
    expect(invariants(checkOffsets({ ...inbound, samples: [sample(2, 1, 0)] }))).toEqual(['C10']);
    expect(invariants(checkOffsets({ ...inbound, samples: [sample(3, 2), sample(1, 2)] }))).toEqual(['C10']);
  });
});

describe('checkers of topics', () => {
  const wanted = [1, 2, 3].map((place) => ({ place, key: 'p/a', value: `v${place}` }));
  const record = (place: number, offset: number, more: Partial<TopicRecord> = {}): TopicRecord => ({
    ...{ partition: 0, offset, key: 'p/a', value: `v${place}`, id: `s/${place}`, place },
    ...more,
  });
  const topic = (...places: number[]): TopicRecord[] => places.map((place, offset) => record(place, offset));

  it('find nothing where all is there, be it twice', () => {
    const records = topic(1, 2, 3, 2, 3);
    const all = [checkComplete(wanted, records), checkNoGap(wanted, records), checkDedupable(records)];
    expect([...all.flat(), ...checkDuplicates(records, 2)]).toEqual([]);
  });

  it('find what is missing (K1), a ghost (K2), a gap (K4) and too many duplicates (K6)', () => {
    expect(invariants(checkComplete(wanted, topic(1, 2)))).toEqual(['K1']);
    expect(invariants(checkComplete(wanted, [...topic(1, 2, 3), record(4, 3)]))).toEqual(['K2']);
    expect(invariants(checkComplete(wanted, [...topic(1, 2), record(3, 2, { value: 'x' })]))).toEqual(['K2']);
    expect(invariants(checkNoGap(wanted, topic(1, 3, 2)))).toEqual(['K4']);
    expect(
      invariants(
        checkNoGap(
          wanted,
          swapped(topic(1, 2, 3), 0, 1).map((each, offset) => ({ ...each, offset })),
        ),
      ),
    ).toEqual(['K4']);
    expect(invariants(checkDuplicates(topic(1, 1, 1), 1))).toEqual(['K6']);
  });

  it('find a key in two partitions (K5) and two records of one id that differ (K10)', () => {
    expect(invariants(checkNoGap(wanted, [record(1, 0), record(2, 0, { partition: 1 })]))).toEqual(['K5']);
    expect(invariants(checkDedupable([record(1, 0), record(1, 1, { value: 'x' })]))).toEqual(['K10']);
  });

  it('find a checkpoint that is ahead, or went back without anybody saying so (K7)', () => {
    const sample = (position: number, reached: number, byOperator = false) => ({
      name: 'relay',
      position,
      reached,
      byOperator,
    });
    expect(checkCheckpoints([sample(1, 1), sample(3, 4), sample(0, 4, true)], 'K7')).toEqual([]);
    expect(invariants(checkCheckpoints([sample(2, 1)], 'K7'))).toEqual(['K7']);
    expect(invariants(checkCheckpoints([sample(2, 2), sample(1, 2)], 'R3'))).toEqual(['R3']);
  });

  it('find a compacted topic whose last record is not what is current (K1)', () => {
    const records = [record(1, 0), record(2, 1, { value: null })];
    expect(checkCurrentTopic(new Map([['p/a', null]]), records)).toEqual([]);
    expect(invariants(checkCurrentTopic(new Map([['p/a', 'v1']]), records))).toEqual(['K1']);
  });
});

describe('checkers of views and time', () => {
  it('find a view that is not a fold of the log (R1), and a read from before what was asked for (R5)', () => {
    const dump = { view: 'current', position: 3, rows: 'a\nb', folded: 'a\nb' };
    expect([...checkDumps([dump]), ...checkReads([{ view: 'current', asked: 3, stood: null }])]).toEqual([]);
    expect(invariants(checkDumps([{ ...dump, rows: 'a\nc' }]))).toEqual(['R1']);
    expect(invariants(checkReads([{ view: 'current', asked: 3, stood: 2 }]))).toEqual(['R5']);
  });

  it('find a time-out that fires twice (T1), early (T2), or never (T3)', () => {
    const hung = (second: number): Told => ({
      ...{ type: 'DeploymentHung', commandId: 'c3', recordedAt: at(second) },
      data: deployment(1, 'deploying', 'hanging', { deadline: at(5), rule: 'hanging' }),
    });
    expect(checkDeadlines(logOf(created, started, hung(5)))).toEqual([]);
    expect(invariants(checkDeadlines(logOf(created, started, hung(4))))).toEqual(['T2']);
    expect(invariants(checkDeadlines(logOf(created, started, hung(6), hung(7))))).toEqual(['T1']);
    const due = { stream: A, number: 1, kind: 'hanging', deadline: at(5) };
    expect(invariants(checkOverdue([due]))).toEqual(['T3']);
  });
});
