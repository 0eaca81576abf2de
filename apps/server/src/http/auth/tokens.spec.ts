import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptAdminToken, newToken } from './admin-token.js';
import { Tokens } from './tokens.js';

describe('a new token', () => {
  it('is shl_, 30 letters and the CRC-32 of these in base62', () => {
    const token = newToken();
    expect(token).toMatch(/^shl_[0-9A-Za-z]{36}$/);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const checksum = [...token.slice(34)].reduce((sum, letter) => sum * 62 + digits.indexOf(letter), 0);
    expect(checksum).toBe(crc32(token.slice(4, 34)));
  });

  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 100 }, newToken)).size).toBe(100);
  });
});

describe('the kept token', () => {
  let dir: string;
  beforeEach(async () => {
    dir = join(await mkdtemp(join(tmpdir(), 'token-')), 'data');
  });
  afterEach(() => rm(join(dir, '..'), { recursive: true }));

  it('is made once, for all who ask at the same time, and readable by the owner alone', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => keptAdminToken(dir)));
    expect(new Set([...tokens, await keptAdminToken(dir)]).size).toBe(1);
    expect((await readFile(join(dir, 'admin-token'), 'utf8')).trim()).toBe(tokens[0]);
    expect((await stat(join(dir, 'admin-token'))).mode & 0o777).toBe(0o600);
  });
});

describe('tokens', () => {
  const secret = 'gehört-nur-dem-Admin';
  const tokens = new Tokens(secret);
  const asHeader = Buffer.from(secret).toString('latin1');

  it.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('knows the admin by %s', (scheme) => {
    expect(tokens.identify(`${scheme} ${asHeader}`)?.actor).toEqual({ id: 'admin', kind: 'service' });
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    asHeader,
    `Basic ${asHeader}`,
    `Bearer ${asHeader}x`,
    `Bearer${asHeader}`,
    'Bearer \u0000',
  ])('knows nobody by %j', (header) => {
    expect(tokens.identify(header)).toBeUndefined();
  });
});
