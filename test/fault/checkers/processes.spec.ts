import { describe, expect, it } from '@jest/globals';
import {
  checkConnections,
  checkExits,
  checkMemory,
  checkRefusals,
  checkReplies,
  checkStarts,
  checkStops,
  type Violation,
} from './index.js';

const invariants = (violations: readonly Violation[]): string[] => [
  ...new Set(violations.map(({ invariant }) => invariant)),
];

describe('checkers of processes', () => {
  it('find a process that ended by itself (X1)', () => {
    expect(checkExits([])).toEqual([]);
    expect(invariants(checkExits([{ replica: 1, reason: 'SIGSEGV', log: ['the last line'] }]))).toEqual(['X1']);
  });

  it('find a start that failed while PostgreSQL was well (X1)', () => {
    const failed = { replica: 1, start: 1_000, end: 1_500, why: 'it ended with 1' };
    const struckAt = (start: number, end: number) => checkStarts([failed], [{ start, end }]);
    expect([...struckAt(0, 1_000), ...struckAt(1_200, 1_300), ...struckAt(1_500, 2_000)]).toEqual([]);
    expect(invariants(struckAt(0, 999))).toEqual(['X1']);
    expect(invariants(struckAt(1_501, 2_000))).toEqual(['X1']);
    expect(invariants(checkStarts([failed], []))).toEqual(['X1']);
  });

  const reply = { url: 'http://a', status: 200, body: '', invokedAt: 100, returnedAt: 600 };

  it('find a good command that was refused (X4), or failed (X5), and bad input that was taken (X4)', () => {
    expect(checkReplies([200, 201, 409, 412, 422, 503, 0].map((status) => ({ ...reply, status })))).toEqual([]);
    expect(invariants(checkReplies([{ ...reply, status: 400 }]))).toEqual(['X4']);
    expect(invariants(checkReplies([{ ...reply, status: 500 }]))).toEqual(['X5']);
    expect(checkRefusals([400, 413, 415, 422, 503])).toEqual([]);
    expect(invariants(checkRefusals([400, 200]))).toEqual(['X4']);
    expect(invariants(checkRefusals([500]))).toEqual(['X4']);
  });

  it('find what was let in and not answered by who was told to end, and who did not end well (X8)', () => {
    const stop = { url: 'http://a', at: 500, code: 0 };
    const unanswered = { ...reply, status: 0 };
    const elsewhere = { ...unanswered, url: 'http://b' };
    const tooLate = { ...unanswered, invokedAt: 400 };
    const before = { ...unanswered, returnedAt: 499 };
    expect(checkStops([stop], [reply, elsewhere, tooLate, before])).toEqual([]);
    expect(invariants(checkStops([stop], [unanswered]))).toEqual(['X8']);
    expect(invariants(checkStops([stop], [{ ...reply, status: 503 }]))).toEqual(['X8']);
    expect(invariants(checkStops([{ ...stop, code: 1 }], []))).toEqual(['X8']);
    expect(invariants(checkStops([{ at: 500, code: null }], []))).toEqual(['X8']);
  });

  it('find connections that no pool has, and one that sits in a transaction (X3)', () => {
    const look = { at: 100, count: 70, idleMs: [['shiplog work', 900]] } as const;
    const allowed = { count: 70, idleMs: 1_000, faults: [{ start: 200, end: 300 }] };
    expect(checkConnections([look, { ...look, at: 250, count: 99 }], allowed)).toEqual([]);
    expect(invariants(checkConnections([{ ...look, count: 71 }], allowed))).toEqual(['X3']);
    expect(invariants(checkConnections([{ ...look, at: 250, idleMs: [['shiplog work', 1_001]] }], allowed))).toEqual([
      'X3',
    ]);
  });

  it('find memory that has no bound, or that grows and grows (X2)', () => {
    const room = { bytes: 500, growth: 100, warmMs: 10, seenForMs: 40 };
    const weighed = (...bytes: number[]) =>
      bytes.map((each, n) => ({ replica: 0, pid: 7, ageMs: n * 10, bytes: each }));
    const sawtooth = weighed(50, 200, 300, 200, 300, 200, 300);
    expect(checkMemory(sawtooth, room)).toEqual([]);
    expect(checkMemory(weighed(50, 200, 400), room)).toEqual([]);
    expect(invariants(checkMemory(weighed(50, 501), room))).toEqual(['X2']);
    expect(invariants(checkMemory(weighed(50, 200, 250, 300, 350, 400, 450), room))).toEqual(['X2']);
  });
});
