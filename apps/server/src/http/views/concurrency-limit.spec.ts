import { describe, expect, it } from '@jest/globals';
import { ConcurrencyLimit } from './concurrency-limit.js';

describe('a limit of what goes on at once', () => {
  it('leaves half of the places to other tokens', () => {
    const limit = new ConcurrencyLimit(4);
    for (let n = 0; n < 2; n += 1) limit.enter('greedy');
    expect([limit.hasRoom('greedy'), limit.hasRoom('other')]).toEqual([false, true]);
    limit.leave('greedy');
    expect(limit.hasRoom('greedy')).toBe(true);
  });

  it('has no place for anybody when all are taken', () => {
    const limit = new ConcurrencyLimit(2);
    limit.enter('one');
    limit.enter('two');
    expect(limit.hasRoom('three')).toBe(false);
    limit.leave('two');
    expect(limit.hasRoom('three')).toBe(true);
  });
});
