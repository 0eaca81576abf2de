import { describe, expect, it } from '@jest/globals';
import { nextOffset } from './offsets.js';

describe('the offset to go on from', () => {
  it('is the end of the batch when all records are handled, markers of transactions included', () => {
    expect(nextOffset([5, 6, 9], [true, true, true], 11)).toBe(11);
  });

  it('is the first record that is not handled, though later ones are', () => {
    expect(nextOffset([5, 6, 9], [true, false, true], 11)).toBe(6);
    expect(nextOffset([5, 6, 9], [false, true, true], 11)).toBe(5);
    expect(nextOffset([5, 6, 9], [true, true, false], 11)).toBe(9);
  });
});
