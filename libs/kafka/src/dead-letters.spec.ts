import { describe, expect, it } from '@jest/globals';
import { deadLetter, headersOf } from './dead-letters.js';

const origin = { topic: 't', partition: 3, offset: '17' };

describe('a dead letter', () => {
  it('has key, value and headers as they came, and says why and from where', () => {
    const key = Buffer.from([0xff, 0x00]);
    const value = Buffer.from([0xc3, 0x28]);
    const trace = Buffer.from('abc');
    expect(deadLetter({ key, value, headers: { trace } }, 'malformed: value', origin)).toEqual({
      key,
      value,
      headers: {
        trace,
        'shiplog-reason': 'malformed: value',
        'shiplog-topic': 't',
        'shiplog-partition': '3',
        'shiplog-offset': '17',
      },
    });
  });

  it('keeps a missing key and a missing value missing', () => {
    expect(deadLetter({ key: null, value: null, headers: {} }, 'r', origin)).toMatchObject({ key: null, value: null });
  });

  it('keeps a header that stands twice, and the name __proto__', () => {
    const headers = headersOf({ twice: [Buffer.from('1'), Buffer.from('2')], ['__proto__']: Buffer.from('p') });
    expect(headers['twice']).toEqual([Buffer.from('1'), Buffer.from('2')]);
    expect(Object.hasOwn(headers, '__proto__')).toBe(true);
  });

  it('drops what kafkajs mixes into headers that are named like members of every object', () => {
    const asKafkaJsReadsIt = { constructor: [Object, Buffer.from('v')] } as never;
    expect(headersOf(asKafkaJsReadsIt)['constructor']).toEqual(Buffer.from('v'));
  });

  it('keeps a header without a value, which reads as an empty one', () => {
    const none = { none: null } as never;
    expect(deadLetter({ key: null, value: null, headers: none }, 'r', origin).headers).toMatchObject({ none: null });
    expect(headersOf(none)).toEqual({ none: Buffer.alloc(0) });
  });

  it('bounds the reason', () => {
    const { headers } = deadLetter({ key: null, value: null, headers: {} }, 'x'.repeat(5_000), origin);
    expect(headers?.['shiplog-reason']).toHaveLength(1_000);
  });
});
