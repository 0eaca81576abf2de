import { describe, expect, it } from '@jest/globals';
import { Cursors } from './cursors.js';

describe('cursors', () => {
  const cursors = new Cursors('the store');
  const list = ['/deployments', { project: 'web-shop' }];
  const cursor = cursors.write([42, 'ä'], list);

  it('give back the place that they were made from', () => {
    expect(cursors.read(cursor, list)).toEqual([42, 'ä']);
  });

  it('are refused when any letter was changed', () => {
    for (let i = 0; i < cursor.length; i += 1) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      expect(() => cursors.read(cursor.slice(0, i) + other + cursor.slice(i + 1), list)).toThrow('is not the cursor');
    }
  });

  it.each(['', 'x', '%', cursor + 'A', cursor.slice(0, -4), `${cursor}=`])('are refused when they are %j', (text) => {
    expect(() => cursors.read(text, list)).toThrow('is not the cursor');
  });

  it('are refused for another list, and in another store', () => {
    expect(() => cursors.read(cursor, ['/deployments', {}])).toThrow('is not the cursor');
    expect(() => new Cursors('another').read(cursor, list)).toThrow('is not the cursor');
  });
});
