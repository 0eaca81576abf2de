import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptAdminToken } from './admin-token.js';
import type { Identity } from './identity.js';
import { digestOf, isWhole, newToken } from './secret.js';
import type { FoundToken } from './token-store.js';
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

  it('is whole, and no longer when any letter of it is changed, lost or added', () => {
    const token = newToken();
    expect(isWhole(token)).toBe(true);
    for (let n = 0; n < token.length; n += 1) {
      const other = token[n] === 'a' ? 'b' : 'a';
      expect(isWhole(token.slice(0, n) + other + token.slice(n + 1))).toBe(false);
      expect(isWhole(token.slice(0, n) + token.slice(n + 1))).toBe(false);
    }
    expect(isWhole(`${token}0`)).toBe(false);
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

/** Stands for the database: what it was asked, and what it knows. */
class Store {
  asked = 0;
  readonly uses: string[] = [];
  away = false;
  readonly #tokens = new Map<string, FoundToken>();

  put(token: string, found: FoundToken): void {
    this.#tokens.set(digestOf(token).toString('hex'), found);
  }

  async find(digest: Buffer): Promise<FoundToken | undefined> {
    this.asked += 1;
    if (this.away) throw new Error('away');
    return this.#tokens.get(digest.toString('hex'));
  }

  isAlive = async (): Promise<boolean> => true;

  async close(): Promise<void> {}

  async used(ids: readonly string[]): Promise<void> {
    this.uses.push(...ids);
  }
}

const secret = 'gehört-nur-dem-Admin';
const ci: Identity = {
  tokenId: 'id-of-ci',
  actor: { id: 'ci', kind: 'service' },
  scopes: new Set(['deployments:write']),
  projects: new Set(['a']),
  endsAt: null,
};

describe('tokens', () => {
  const tokens = new Tokens(secret, new Store());
  const asHeader = Buffer.from(secret).toString('latin1');

  it.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('know the admin by %s, at once', (scheme) => {
    expect(tokens.identify(`${scheme} ${asHeader}`)).toMatchObject({ actor: { id: 'admin', kind: 'service' } });
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
  ])('know nobody by %j, at once', (header) => {
    expect(tokens.identify(header)).toBeUndefined();
  });
});

describe('tokens in the database', () => {
  let store: Store;
  let tokens: Tokens;
  beforeEach(() => {
    store = new Store();
    tokens = new Tokens(secret, store);
  });

  it('are looked up once for all who come together, and known at once afterwards', async () => {
    const token = newToken();
    store.put(token, { identity: ci, livesMs: null });
    const all = await Promise.all(Array.from({ length: 50 }, async () => tokens.identify(`Bearer ${token}`)));
    expect(new Set(all)).toEqual(new Set([ci]));
    expect(tokens.identify(`Bearer ${token}`)).toBe(ci);
    expect(store.asked).toBe(1);
  });

  it('are remembered not to be there, too', async () => {
    const token = newToken();
    expect(await tokens.identify(`Bearer ${token}`)).toBeUndefined();
    expect(tokens.identify(`Bearer ${token}`)).toBeUndefined();
    expect(store.asked).toBe(1);
  });

  it('are not looked up where the checksum is wrong', () => {
    const token = newToken();
    const other = token.endsWith('a') ? 'b' : 'a';
    expect(tokens.identify(`Bearer ${token.slice(0, -1)}${other}`)).toBeUndefined();
    expect(store.asked).toBe(0);
  });

  it('are neither known nor unknown while the database is away', async () => {
    const token = newToken();
    store.put(token, { identity: ci, livesMs: null });
    store.away = true;
    await expect(tokens.identify(`Bearer ${token}`)).rejects.toThrow('away');
    store.away = false;
    expect(await tokens.identify(`Bearer ${token}`)).toBe(ci);
  });

  it('are dead when they expire, however lately they were looked up', async () => {
    const token = newToken();
    store.put(token, { identity: ci, livesMs: 20 });
    expect(await tokens.identify(`Bearer ${token}`)).toBe(ci);
    const end = performance.now() + 2_000;
    while (tokens.identify(`Bearer ${token}`) !== undefined && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(tokens.identify(`Bearer ${token}`)).toBeUndefined();
    expect(store.asked).toBe(1);
  });

  it('are dead at once where they were revoked, for requests and for streams', async () => {
    const token = newToken();
    store.put(token, { identity: ci, livesMs: null });
    await tokens.identify(`Bearer ${token}`);
    expect(await tokens.stillValid(ci)).toBe(true);
    tokens.forget(digestOf(token), ci.tokenId);
    expect(tokens.identify(`Bearer ${token}`)).toBeUndefined();
    expect(await tokens.stillValid(ci)).toBe(false);
  });

  it('write down their use once a minute', async () => {
    const token = newToken();
    store.put(token, { identity: ci, livesMs: null });
    for (let n = 0; n < 100; n += 1) await tokens.identify(`Bearer ${token}`);
    expect(store.uses).toEqual(['id-of-ci']);
  });
});
