import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadInput } from './bad-input.js';
import { MAX_BYTES } from './json.js';
import { readJsonList } from './json-list.js';

const limits = { maxBytes: 2 * MAX_BYTES, maxItems: 5 };
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) =>
  [...readJsonList(bytes(text), limits)].map((item) => ('fault' in item ? item.fault.message : item.value));

describe('readJsonList', () => {
  it('reads no item before it is asked for', () => {
    const items = readJsonList(bytes('[1,nope]'), limits)[Symbol.iterator]();
    expect(items.next().value).toEqual({ bytes: 1, value: 1 });
    expect(() => items.next()).toThrow('body: is not JSON (in item 1)');
  });

  it('reads each item as it stands, with its size', () => {
    const items = readJsonList(bytes(' [ {"a":"],[\\"ü"} ,[1,[2]],"x" , null ]\n'), limits);
    expect([...items]).toEqual([
      { bytes: 17, value: { a: '],["ü' } },
      { bytes: 7, value: [1, [2]] },
      { bytes: 4, value: 'x' },
      { bytes: 6, value: null },
    ]);
  });

  it.each([
    ['no array', '{"a":[1]}', 'body: must be a JSON array'],
    ['nothing', '', 'body: must be a JSON array'],
    ['a byte order mark', '\ufeff[1]', 'body: must be a JSON array'],
    ['an array without items', ' [ ] ', 'body: is an array without items'],
    ['more items than allowed', '[1,2,3,4,5,6]', 'body: has more than 5 items'],
    ['ever more commas', `[${','.repeat(100_000)}`, 'body: has more than 5 items'],
    ['an item that is no JSON', '[1,{"a":},2]', 'body: is not JSON (in item 1)'],
    ['a comma too many', '[1,]', 'body: is not JSON (in item 1)'],
    ['an end of another kind', '[1}', 'body: is not JSON'],
    ['an end too early', '[1],[2]', 'body: is not JSON'],
    ['something behind it', '[1] x', 'body: is not JSON'],
    ['no end', '[1,"abc', 'body: is not JSON'],
    ['no end of an item', '[{"a":1]', 'body: is not JSON'],
    ['too many bytes', `["${'x'.repeat(2 * MAX_BYTES)}"]`, 'body: is larger than'],
  ])('refuses %s as a whole', (_what, text, message) => {
    expect(() => read(text)).toThrow(BadInput);
    expect(() => read(text)).toThrow(message);
  });

  it('refuses at most the bytes that are no UTF-8 as a whole', () => {
    expect(() => readJsonList(new Uint8Array([0x5b, 0xff, 0x5d]), limits)).toThrow('body: is not UTF-8');
  });

  it('holds each item by itself to the limits of a body', () => {
    const deep = '['.repeat(33) + ']'.repeat(33);
    const large = `"${'x'.repeat(MAX_BYTES)}"`;
    expect(read(`[{"a":1,"a":2},${deep},"\\ud800",${large},{"a":[]}]`)).toEqual([
      'command: has one key twice in an object',
      'command: is nested more than 32 levels deep',
      'command: contains half of a surrogate pair',
      `command: is larger than ${MAX_BYTES} bytes`,
      { a: [] },
    ]);
    const atTheLimit = '['.repeat(32) + ']'.repeat(32);
    expect(read(`[${atTheLimit}]`)).toEqual([JSON.parse(atTheLimit)]);
  });

  it('reads what JSON.stringify writes, and throws nothing but BadInput for what was mutilated', () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(list, fc.nat(), fc.nat({ max: 255 }), (items, at, byte) => {
        const sent = bytes(JSON.stringify(items));
        [...readJsonList(sent, limits)].forEach((item, index) => {
          if ('value' in item) expect(item.value).toEqual(JSON.parse(JSON.stringify(items[index])));
        });
        sent[at % sent.length] = byte;
        try {
          expect([...readJsonList(sent, limits)]).not.toEqual([]);
          JSON.parse(new TextDecoder().decode(sent));
        } catch (error) {
          expect(error).toBeInstanceOf(BadInput);
        }
      }),
      { numRuns: 500 },
    );
  });
});
