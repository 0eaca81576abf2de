import { describe, expect, it } from '@jest/globals';
import { BadInput } from './bad-input.js';
import { parseHttpCommand, type Addressed } from './command.js';
import { fingerprintOf } from './fingerprint.js';

const now = '2026-11-20T10:00:00.000000Z';
const start: Addressed = { type: 'StartDeployment', project: 'web-shop', target: 'production' };
const parse = (body: unknown, addressed = start) => parseHttpCommand(addressed, body, { now });

describe('parseHttpCommand', () => {
  it('takes the report off the body, and brings times into the one spelling', () => {
    const body = {
      version: '1.4.0',
      scheduledFor: '2026-11-20t12:00:00+01:00',
      occurredAt: '2026-11-20T09:59:59.1234567Z',
      claimedBy: { id: 'ann' },
    };
    expect(parse(body, { ...start, number: 42 })).toEqual({
      command: {
        type: 'StartDeployment',
        project: 'web-shop',
        target: 'production',
        data: { version: '1.4.0', scheduledFor: '2026-11-20T11:00:00.000000Z', number: 42 },
      },
      occurredAt: '2026-11-20T09:59:59.123456Z',
      claimedBy: { id: 'ann' },
    });
  });

  it('fills nothing in: what is not mentioned stays, and null clears', () => {
    expect(parse({ scheduledFor: null, description: null }).command.data).toEqual({
      scheduledFor: null,
      description: null,
    });
    expect(parse(undefined).command.data).toEqual({});
  });

  it('takes the key of a new target for its address alone', () => {
    const created = parse({ key: 'production', name: 'P' }, { ...start, type: 'CreateTarget' });
    expect(created.command.data).toEqual({ name: 'P' });
  });

  it.each([
    [{ occurredAt: '2026-11-20T10:05:00.000001Z' }, 'occurredAt: is more than five minutes in the future'],
    [{ occurredAt: '20.11.2026' }, 'occurredAt: must be a time of RFC 3339'],
    [{ number: 5 }, 'number: is not a member here'],
    [{ metadata: { deep: { a: Infinity } } }, 'metadata.deep.a: is a number beyond'],
    [JSON.parse(`{"metadata":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`), 'nested more than 32 levels'],
    [null, 'body: must be object'],
  ])('refuses %j', (body, message) => {
    expect(() => parse(body)).toThrow(BadInput);
    expect(() => parse(body)).toThrow(message);
  });

  it('takes what is exactly five minutes ahead', () => {
    expect(parse({ occurredAt: '2026-11-20T10:05:00Z' }).occurredAt).toBe('2026-11-20T10:05:00.000000Z');
  });
});

describe('fingerprintOf', () => {
  it('is the same whatever the order of keys, and another for another value', () => {
    const one = { type: 'X', data: { version: '1', refs: [{ a: 1, b: null }], 10: 1, 9: 2 } };
    const other = { data: { 9: 2, refs: [{ b: null, a: 1 }], 10: 1, version: '1' }, type: 'X' };
    expect(fingerprintOf(one)).toEqual(fingerprintOf(other));
    expect(fingerprintOf(one)).toHaveLength(32);
    expect(fingerprintOf({ ...one, type: 'Y' })).not.toEqual(fingerprintOf(one));
    expect(fingerprintOf([1, 2])).not.toEqual(fingerprintOf([2, 1]));
  });
});
