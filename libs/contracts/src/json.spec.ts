import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadInput } from './bad-input.js';
import { faultOf } from './inspect.js';
import { MAX_BYTES, readJson } from './json.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readJson(bytes(text));
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof BadInput) return error.message;
    throw error;
  }
  throw new Error('It was accepted');
};

describe('readJson', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', bytes(''), 'body: is empty'],
    ['truncated JSON', bytes('{"version":"1.4'), 'body: is not JSON'],
    ['JSON with something behind it', bytes('{} {}'), 'body: is not JSON'],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), 'body: is not JSON'],
    ['UTF-16', new Uint8Array(Buffer.from('{"version":"1"}', 'utf16le')), 'body: is not JSON'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), 'body: is not UTF-8'],
    ['a raw half surrogate pair', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'body: is not UTF-8'],
    ['U+0000 in a text', bytes('{"a":["\\u0000"]}'), 'a[0]: contains the character U+0000'],
    ['U+0000 in a key', bytes('{"a\\u0000":1}'), 'a?: contains the character U+0000'],
    ['a high surrogate alone', bytes('{"a":"\\ud800"}'), 'a: contains half of a surrogate pair'],
    ['a low surrogate alone', bytes('"\\udc00"'), 'body: contains half of a surrogate pair'],
    ['a number beyond a double', bytes('{"a":{"b":1e400}}'), 'a.b: is a number beyond what JSON readers hold'],
    ['a number far beyond', bytes('[-1e200000]'), '[0]: is a number beyond what JSON readers hold'],
    ['2^53 + 1', bytes('{"a":9007199254740993}'), 'a: is an integer beyond 2^53 - 1'],
    ['23 digits', bytes('{"a":12345678901234567890123}'), 'a: is an integer beyond 2^53 - 1'],
    ['one key twice', bytes('{"a":1,"a":2}'), 'body: has one key twice'],
    ['one key in two spellings', bytes('{"a":{"b":1,"\\u0062":1}}'), 'body: has one key twice'],
    ['__proto__', bytes('{"metadata":{"__proto__":{"isAdmin":true}}}'), 'metadata.__proto__: is not allowed as a key'],
    ['constructor', bytes('{"constructor":{"prototype":{}}}'), 'constructor: is not allowed as a key'],
    ['a number that is none', bytes('{"a":NaN}'), 'body: is not JSON'],
    ['more than 256 KiB', bytes(`"${'x'.repeat(MAX_BYTES)}"`), 'body: is larger than 262144 bytes'],
  ])('refuses %s', (_what, sent, message) => {
    expect(refusal(() => readJson(sent))).toContain(message);
  });

  it.each([33, 100, 1_000, 100_000])('refuses %d levels before it parses them', (depth) => {
    expect(refusal(() => read('['.repeat(depth) + ']'.repeat(depth)))).toContain('nested more than 32 levels');
    expect(refusal(() => read('{"a":'.repeat(depth)))).toMatch(/nested more than 32 levels|larger/);
  });

  it('takes 32 levels, brackets in texts, -0 and keys such as prototype and toString', () => {
    const deep = '['.repeat(32) + ']'.repeat(32);
    expect(read(deep)).toEqual(JSON.parse(deep));
    expect(read(`{"a":"${'['.repeat(100)}\\"${'{'.repeat(100)}:","b":"\\\\"}`)).toEqual({
      a: `${'['.repeat(100)}"${'{'.repeat(100)}:`,
      b: '\\',
    });
    expect(JSON.stringify(read('{"a":-0,"prototype":1,"toString":2}'))).toBe('{"a":0,"prototype":1,"toString":2}');
  });

  it('does not quote the input in its message', () => {
    expect(refusal(() => read('{"password":hunter2}'))).not.toContain('hunter2');
  });

  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(faultOf(value) === undefined);
        expect(read(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses a key twice wherever it stands', () => {
    const key = fc.string({ maxLength: 3 }).map((text) => `k${text}`);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), key, (one, other, name) => {
        fc.pre(faultOf(one) === undefined && faultOf(other) === undefined);
        const member = JSON.stringify(name);
        const text = `[{${member}:${JSON.stringify(one)},${member}:${JSON.stringify(other)}}]`;
        expect(refusal(() => read(text))).toContain('has one key twice');
      }),
    );
  });

  it('throws nothing but BadInput, whatever the bytes', () => {
    const mutilated = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 255 })).map(([json, at, byte]) => {
      const sent = bytes(json);
      sent[at % sent.length] = byte;
      return sent;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutilated), (sent) => {
        try {
          const value = readJson(sent);
          expect(faultOf(value)).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(BadInput);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
