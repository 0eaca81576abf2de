import { describe, expect, it } from '@jest/globals';
import { halvesOf, sendsOf, sizeOf, type Item } from './feed.js';

const item = (position: number, bytes = 10): Item => ({ position, message: { key: 'k', value: 'x'.repeat(bytes) } });
const positions = (sends: Item[][]): number[][] => sends.map((send) => send.map(({ position }) => position));

describe('cutting a page into sends', () => {
  it('keeps every item once and in order', () => {
    const items = Array.from({ length: 25 }, (_, i) => item(i + 1));
    expect(sendsOf(items, 10).flat()).toEqual(items);
    expect(sendsOf(items, 10).map((send) => send.length)).toEqual([10, 10, 5]);
  });

  it('ends a send before it would pass the bytes', () => {
    const each = sizeOf(item(1, 100).message);
    expect(positions(sendsOf([item(1, 100), item(2, 100), item(3, 100)], 10, 2 * each))).toEqual([[1, 2], [3]]);
  });

  it('sends a record that is larger than the limit alone, and goes on behind it', () => {
    expect(positions(sendsOf([item(1), item(2, 5_000), item(3)], 10, 1_000))).toEqual([[1], [2], [3]]);
  });

  it('halves a send that was too large, but never a single record', () => {
    expect(positions(halvesOf([item(1), item(2), item(3)])!)).toEqual([[1, 2], [3]]);
    expect(halvesOf([item(1)])).toBeUndefined();
  });

  it('makes nothing of nothing', () => {
    expect(sendsOf([])).toEqual([]);
  });

  it('counts key, value and headers, repeated ones too', () => {
    const bare = sizeOf({ value: null });
    expect(sizeOf({ key: 'ab', value: Buffer.alloc(5), headers: { h: ['xy', 'z'] } })).toBeGreaterThanOrEqual(
      bare + 2 + 5 + 3,
    );
  });
});
