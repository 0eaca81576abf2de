import { describe, expect, it } from '@jest/globals';
import { A, at, created, deployment, finished, invariants, logOf, started, type Told } from './examples.js';
import {
  checkAccounting,
  checkAnswers,
  checkAtomic,
  checkDecidedInOrder,
  checkImmutable,
  checkLegal,
  checkOffsets,
  checkOrder,
  checkSupersession,
  checkTail,
  digestOf,
  type Answered,
  type CommandRecord,
  type Logged,
  type Operation,
} from './index.js';

const good = logOf(created, started, finished, {
  ...{ type: 'DeploymentFinished', data: deployment(1, null, 'current'), commandId: 'b1', stream: 'target:p/b' },
});

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
    expect(checkAnswers([operation('c2', 2, { expectedVersion: 1 })], log)).toEqual([]);
    expect(invariants(checkAnswers([operation('c2', 2, { expectedVersion: 0 })], log))).toEqual(['C6']);
  });

  it('find what was sent after another was answered, and stands before it (real time)', () => {
    const sent = (commandId: string, version: number, invokedAt: number, returnedAt?: number) =>
      operation(commandId, version, { invokedAt, returnedAt });
    const overlapping = [sent('c3', 3, 0, 5), sent('c2', 2, 5, 9), sent('c1', 1, 4)];
    expect(checkAnswers(overlapping, log)).toEqual([]);
    expect(invariants(checkAnswers([sent('c3', 3, 0, 5), sent('c2', 2, 6, 9)], log))).toEqual(['real time']);
    const another = { stream: 'target:p/b', commandId: 'b1' };
    const elsewhere = {
      events: [...own, { ...own[2]!, ...another, position: 4, version: 1 }],
      outcomes: [...outcomes, outcome('b1', 1, ['DeploymentFinished'], { ...another, position: 4, seq: 5 })],
    };
    const b1 = { ...operation('b1', 1, { position: 4, events: elsewhere.events.slice(3) }), ...another };
    expect(checkAnswers([{ ...b1, invokedAt: 0, returnedAt: 7 }, sent('c3', 3, 7, 9)], elsewhere)).toEqual([]);
    const late = [{ ...b1, invokedAt: 0, returnedAt: 5 }, sent('c3', 3, 6, 9)];
    expect(invariants(checkAnswers(late, elsewhere))).toEqual(['real time']);
    const early = operation('c3', 3, { result: 'unknown', invokedAt: 1, returnedAt: undefined });
    expect(checkAnswers([...late, early], elsewhere)).toEqual([]);
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
