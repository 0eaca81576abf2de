import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimestampBytes } from './timestamp-bytes.js';

const microsecondsOf = (time: string): bigint =>
  BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1_000n + BigInt(time.slice(23, 26));
const EPOCH = microsecondsOf('2000-01-01T00:00:00.000000Z');

const binaryOf = (time: string): Buffer => {
  const bytes = Buffer.alloc(11);
  bytes.writeBigInt64BE(microsecondsOf(time) - EPOCH, 3);
  return bytes;
};

const millisecond = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const anyTime = fc
  .tuple(millisecond, fc.nat({ max: 999 }))
  .map(([date, more]) => date.toISOString().replace('Z', `${String(more).padStart(3, '0')}Z`));
const corner = fc.constantFrom(
  '0001-01-01T00:00:00.000000Z',
  '1714-01-01T00:00:00.000001Z',
  '1969-12-31T23:59:59.999999Z',
  '1999-12-31T23:59:59.999999Z',
  '2000-01-01T00:00:00.000000Z',
  '2000-02-29T00:00:00.500000Z',
  '2000-02-29T00:00:59.500000Z',
  '2286-01-01T00:00:00.000000Z',
  '9999-12-31T23:59:59.999999Z',
);

describe('a time of the binary format', () => {
  it('is spelled with all its digits, whatever was read before it', () => {
    const time = new TimestampBytes();
    expect(time.text()).toBe('2000-01-01T00:00:00.000000Z');
    fc.assert(
      fc.property(fc.oneof(anyTime, corner), (each) => {
        time.read(binaryOf(each), 3);
        expect([time.text(), time.bytes.toString()]).toEqual([each, each]);
      }),
      { numRuns: 1_000 },
    );
  });
});
