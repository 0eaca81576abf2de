import { describe, expect, it } from '@jest/globals';
import { bounds, MAX_MEGABYTES, type RowName } from './bounds.js';
import { resultOf, tableOf, verdictOf } from './report.js';
import { median, ratioOf, type Row, type Side } from './row.js';

const side = (...rounds: number[]): Side => ({ rounds, load: [] });
const high = 'rest-current/pool' satisfies RowName;
const low = 'one-caller/emmett' satisfies RowName;
const row = (name: RowName, ratio: number, more: Partial<Row> = {}): Row => ({
  name,
  ours: side(ratio * 100),
  theirs: side(100),
  note: '',
  ...more,
});

describe('the ratio', () => {
  it('is the median of the rounds, each beside its neighbour', () => {
    expect(ratioOf({ ...row(high, 1), ours: side(10, 40, 90), theirs: side(10, 20, 30) })).toBe(2);
  });

  it('is our own figure where nobody stands beside it', () => {
    expect(ratioOf({ name: 'latency, p50', ours: side(9, 7, 8), note: '' })).toBe(8);
  });

  it('takes the middle of an even number of rounds', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('a bound', () => {
  it.each([
    [high, bounds[high].must - 0.01, 'missed'],
    [high, bounds[high].must, 'must'],
    [high, bounds[high].aim, 'aim'],
    [low, bounds[low].must + 0.01, 'missed'],
    [low, bounds[low].must, 'must'],
    [low, bounds[low].aim, 'aim'],
  ] as const)('of %s at %d is %s', (name, ratio, verdict) => {
    expect(verdictOf(row(name, ratio))).toBe(verdict);
  });

  it('is missed by whoever takes too much memory, however fast', () => {
    const fast = row(high, 100);
    expect(verdictOf({ ...fast, megabytes: MAX_MEGABYTES })).toBe('aim');
    expect(verdictOf({ ...fast, megabytes: MAX_MEGABYTES + 1 })).toBe('missed');
  });

  it('is such that the aim is no easier than what must hold', () => {
    for (const { good, must, aim } of Object.values(bounds))
      expect(good === 'high' ? aim : must).toBeGreaterThanOrEqual(good === 'high' ? must : aim);
  });
});

describe('what is kept', () => {
  it('names a process as the limit only where it had no time left', () => {
    const busy = (busiest: number): Side => ({ rounds: [1], load: [{ title: 'service', cores: busiest, busiest }] });
    const { limit } = resultOf({ name: high, ours: busy(0.97), theirs: busy(0.4), note: '' });
    expect(limit).toEqual({ ours: 'service', theirs: null });
  });

  it('is the same for two runs that differ in the third digit', () => {
    expect(resultOf(row(high, 2.31, { megabytes: 201 }))).toEqual(resultOf(row(high, 2.34, { megabytes: 204 })));
  });
});

it('shows both sides, the bounds and the verdict of each row', () => {
  const lines = tableOf([row(high, 2.5)]).split('\n');
  expect(lines[1]).toMatch(/^rest-current\/pool +250 requests\/s .* 100 .* 2\.5 +≥ 2 +≥ 3 +must held$/);
});
