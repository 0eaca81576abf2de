import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { fingerprintOf } from './fingerprint.js';

describe('The fingerprint of a command', () => {
  it('has 32 bytes and does not depend on the order of keys', () => {
    const one = fingerprintOf({ type: 'X', data: { version: '1', refs: [{ a: 1, b: null }] } });
    const other = fingerprintOf({ data: { refs: [{ b: null, a: 1 }], version: '1' }, type: 'X' });
    expect(one).toEqual(other);
    expect(one).toHaveLength(32);
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: null }, {}],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }],
    [['a', 'b'], ['a,b']],
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
  ])('tells %j from %j', (a, b) => {
    expect(fingerprintOf(a)).not.toEqual(fingerprintOf(b));
  });

  it('is the same for what JSON makes of the same parts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fingerprintOf(value)).toEqual(fingerprintOf(JSON.parse(JSON.stringify(value))));
      }),
    );
  });
});
