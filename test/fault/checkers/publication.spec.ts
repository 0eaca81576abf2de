import { describe, expect, it } from '@jest/globals';
import { invariants } from './examples.js';
import {
  checkCheckpoints,
  checkComplete,
  checkCurrentTopic,
  checkDedupable,
  checkDuplicates,
  checkNoGap,
  checkRepeats,
  publishedBy,
  type TopicRecord,
} from './index.js';

const swapped = <T>(list: readonly T[], i: number, j: number): T[] =>
  list.map((each, n) => (n === i ? list[j]! : n === j ? list[i]! : each));

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

  it('find what was published again with no fault about (K6)', () => {
    const faults = [{ start: 100, end: 200 }];
    const again = (at: number) => [record(1, 0, { at: 50 }), record(2, 1, { at: 250 }), record(1, 2, { at })];
    expect(checkRepeats(again(150), faults)).toEqual([]);
    expect(invariants(checkRepeats(again(99), faults))).toEqual(['K6']);
    expect(invariants(checkRepeats(again(201), faults))).toEqual(['K6']);
    expect(invariants(checkRepeats(topic(1, 1), faults))).toEqual(['K6']);
  });

  it('know up to where all was on a topic at a moment, whatever came again later', () => {
    const records = [
      record(1, 0, { at: 10 }),
      record(3, 1, { at: 20 }),
      record(2, 2, { at: 30 }),
      record(1, 3, { at: 40 }),
    ];
    expect([9, 10, 29, 30, 99].map(publishedBy(records))).toEqual([0, 1, 1, 3, 3]);
    expect(publishedBy(topic(1))(99)).toBe(0);
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
