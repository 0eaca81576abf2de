import { describe, expect, it } from '@jest/globals';
import { readCursor, writeCursor } from './cursors.js';
import { isCurrentPlace, isName, isPosition, isVersion } from './views/places.js';

describe('cursors', () => {
  const list = ['/current', { project: 'web-shop' }];
  const place = ['web-shop', 'ä'] as const;
  const cursor = writeCursor(place, list);
  const read = (text: string, of: unknown = list) => readCursor(text, of, isCurrentPlace);

  it('give back the place that they were made from', () => {
    expect(read(cursor)).toEqual(place);
  });

  it('are refused when any letter was changed', () => {
    for (let i = 0; i < cursor.length; i += 1) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      expect(() => read(cursor.slice(0, i) + other + cursor.slice(i + 1))).toThrow('is not the cursor');
    }
  });

  it.each(['', 'x', '%', cursor + 'A', cursor.slice(0, -4), `${cursor}=`])('are refused when they are %j', (text) => {
    expect(() => read(text)).toThrow('is not the cursor');
  });

  it('are refused for another list', () => {
    expect(() => read(cursor, ['/current', {}])).toThrow('is not the cursor');
  });

  it.each([
    [isPosition, [0, 2 ** 53 - 1], [-1, 1.5, 2 ** 53, '1', null, undefined, [1]]],
    [isVersion, [0, 2 ** 31 - 1], [-1, 1.5, 2 ** 31, 'x']],
    [isName, ['a', 'ä/b'], ['', 'a\0b', 1, { a: 1 }, null]],
    [isCurrentPlace, [['a', 'b']], [['a'], ['a', 'b', 'c'], ['a', 'b\0'], 'ab', { a: 1 }, null]],
  ] as const)('hold a place that is one: %p', (isPlace, places, others) => {
    expect(places.map((each) => isPlace(each))).toEqual(places.map(() => true));
    expect(others.map((each) => isPlace(each))).toEqual(others.map(() => false));
  });
});
