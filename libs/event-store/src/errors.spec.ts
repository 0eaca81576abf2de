import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { isUnavailable, isUnspeakable } from './errors.js';

const withCode = (code: string): Error => Object.assign(new Error('of the database'), { code });

it('a database that is away, full, restarting or a standby is unavailable', () => {
  const codes = [
    '08006',
    '08P01',
    '53100',
    '53300',
    '57P01',
    '57P03',
    '57014',
    '58030',
    '25006',
    '55P03',
    '40P01',
    '28P01',
  ];
  for (const code of codes) expect([code, isUnavailable(withCode(code))]).toEqual([code, true]);
});

it('what is wrong with the statement is not', () => {
  for (const code of ['23505', '22P02', '22021', '42P01', 'P0001', 'SL001']) {
    expect([code, isUnavailable(withCode(code))]).toEqual([code, false]);
  }
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
  expect(isUnavailable('Connection terminated')).toBe(false);
});

it('a broken or refused connection is unavailable', async () => {
  const refused = await new Promise((resolve) => connect(1, '127.0.0.1').once('error', resolve));
  expect(isUnavailable(refused)).toBe(true);
  for (const message of [
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Query read timeout',
    'timeout expired',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ]) {
    expect([message, isUnavailable(new Error(message))]).toEqual([message, true]);
  }
});

it('a text that the database cannot hold, or a number beyond its types, is unspeakable', () => {
  for (const code of ['22021', '22P05', '22003']) expect([code, isUnspeakable(withCode(code))]).toEqual([code, true]);
  for (const code of ['23505', '42P01', '57014']) expect([code, isUnspeakable(withCode(code))]).toEqual([code, false]);
});
