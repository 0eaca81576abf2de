import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { newId } from './index.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('newId', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('makes UUIDv7s that begin with the time', () => {
    const before = Date.now();
    const id = newId();
    const millis = parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    expect(id).toMatch(UUID_V7);
    expect(millis).toBeGreaterThanOrEqual(before);
  });

  it('makes each greater than the one before, many in a millisecond and over the end of the pool', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(ids.every((id, i) => UUID_V7.test(id) && (i === 0 || id > ids[i - 1]!))).toBe(true);
    expect(new Set(ids.map((id) => id.slice(20))).size).toBeGreaterThan(19_990);
  });

  it('never goes back, though the clock does', () => {
    const first = newId();
    jest.useFakeTimers({ now: Date.now() - 3_600_000 });
    expect(newId() > first).toBe(true);
  });
});
