import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { addMinutes, fromEpochMillis, toTime } from './time.js';

const YEAR_1 = -62_135_596_800_000;
const END_OF_9999 = 253_402_300_799_999;
const anyMoment = fc.integer({ min: YEAR_1, max: END_OF_9999 });

describe('toTime', () => {
  it.each([
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:00.000000Z'],
    ['2026-11-20t10:00:00z', '2026-11-20T10:00:00.000000Z'],
    ['2026-11-20T10:00:00.5Z', '2026-11-20T10:00:00.500000Z'],
    ['2026-11-20T10:00:00.1234569Z', '2026-11-20T10:00:00.123456Z'],
    ['2026-11-20T10:00:00+02:00', '2026-11-20T08:00:00.000000Z'],
    ['2026-11-20T23:30:00-05:30', '2026-11-21T05:00:00.000000Z'],
    ['2026-11-20T10:00:00-00:00', '2026-11-20T10:00:00.000000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
    ['2017-01-01T00:59:60.25+01:00', '2017-01-01T00:00:00.250000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
    ['0000-12-31T23:30:00-01:00', '0001-01-01T00:30:00.000000Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999Z'],
  ])('%s is %s', (text, time) => expect(toTime(text)).toBe(time));

  it.each([
    '',
    'now',
    '2026-11-20',
    '2026-11-20T10:00:00',
    '2026-11-20 10:00:00Z',
    '2026-11-20T10:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T10:60:00Z',
    '2026-11-20T10:00:61Z',
    '2026-11-20T10:00:60Z',
    '2026-11-20T10:00:00.Z',
    '2026-11-20T10:00:00+2:00',
    '2026-11-20T10:00:00+24:00',
    '2026-11-20T10:00:00+01:60',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '0000-06-01T00:00:00Z',
    '9999-12-31T23:59:59-00:01',
    '9999-12-31T23:59:60Z',
    '+02026-11-20T10:00:00Z',
    '2026-11-20T10:00:00Z\n',
    '２026-11-20T10:00:00Z',
  ])('%j is no moment', (text) => expect(toTime(text)).toBeUndefined());

  it('agrees with Date in every year, and leaves its own spelling alone', () => {
    fc.assert(
      fc.property(anyMoment, (milliseconds) => {
        const iso = new Date(milliseconds).toISOString();
        const time = toTime(iso);
        expect(time).toBe(`${iso.slice(0, 23)}000Z`);
        expect(fromEpochMillis(milliseconds)).toBe(time);
        expect(toTime(time ?? '')).toBe(time);
      }),
    );
  });
});

describe('addMinutes', () => {
  const TEN = '2026-11-20T10:00:00.000000Z';

  it.each([
    [30, '2026-11-20T10:30:00.000000Z'],
    [0.05, '2026-11-20T10:00:03.000000Z'],
    [0.1, '2026-11-20T10:00:06.000000Z'],
    [1 / 3, '2026-11-20T10:00:20.000000Z'],
    [1e-9, '2026-11-20T10:00:00.000001Z'],
    [840.000_001, '2026-11-21T00:00:00.000060Z'],
    [5_256_000, '2036-11-17T10:00:00.000000Z'],
    [1e30, '9999-12-31T23:59:59.999999Z'],
  ])('%s minutes after ten is %s', (minutes, time) => expect(addMinutes(TEN, minutes)).toBe(time));

  it('carries microseconds over', () => {
    expect(addMinutes('2026-12-31T23:59:59.999999Z', 1e-8)).toBe('2027-01-01T00:00:00.000000Z');
  });

  it('agrees with Date for whole seconds', () => {
    fc.assert(
      fc.property(anyMoment, fc.integer({ min: 0, max: 315_360_000 }), (milliseconds, seconds) => {
        const sum = Math.min(milliseconds + seconds * 1000, END_OF_9999);
        const added = addMinutes(fromEpochMillis(milliseconds), seconds / 60);
        // Thirds of a minute have no exact decimal: rounded up, by a microsecond at most.
        expect([0, 1]).toContain(Number(added.slice(20, 26)) % 1000 === 999 ? 0 : Number(added.slice(23, 26)));
        if (sum < END_OF_9999) expect(added.slice(0, 23)).toBe(fromEpochMillis(sum).slice(0, 23));
      }),
    );
  });
});

describe('fromEpochMillis', () => {
  it('keeps microseconds, before 1970 too', () => {
    expect(fromEpochMillis(0)).toBe('1970-01-01T00:00:00.000000Z');
    expect(fromEpochMillis(-0.5)).toBe('1969-12-31T23:59:59.999500Z');
    expect(fromEpochMillis(1_700_000_000_000.25)).toBe('2023-11-14T22:13:20.000250Z');
  });
});
