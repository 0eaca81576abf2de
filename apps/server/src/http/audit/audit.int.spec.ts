import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consistencyProof, GrowingTree, inclusionProof, verifyExport, type Verdict } from '#audit';
import type { SealedLine } from '#audit/testing';
import { audit, fillLog, sealUpTo } from '../../../../../test/support/audit.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import {
  API,
  rowsOf,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type Reply,
  type TestServer,
} from '../../../../../test/support/server.js';

const COUNT = 3_000;
const ndjson = { accept: 'application/x-ndjson' };
const plain = { accept: 'text/plain' };
/** As clients ask that take whatever comes, and JSON first. */
const anything = { accept: 'application/json, text/plain, */*' };

let database: TestDatabase;
let api: TestServer;
let events: SealedLine[];
let tree: Buffer[];
beforeAll(async () => {
  database = await testDatabase();
  await fillLog(database, COUNT);
  await sealUpTo(database, COUNT);
  api = await startTestServer(database, { SHIPLOG_ROLES: 'api' });
  const { text } = await api.call(`${API}/events?hashes=true`, { headers: ndjson });
  events = linesOf(text);
  tree = events.map(({ hash }) => Buffer.from(hash, 'base64'));
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const get = (path: string, headers: Record<string, string> = {}, token?: string): Promise<Reply> =>
  api.call(`${API}${path}`, { headers, ...(token === undefined ? {} : { token }) });
const linesOf = (text: string): SealedLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SealedLine);
const tilesOf = (size: number) => {
  const grown = new GrowingTree();
  for (const leaf of tree.slice(0, size)) grown.add(leaf);
  const tiles = grown.takeChanged();
  return async () => tiles;
};
const inBase64 = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('base64'));
const tokenFor = async (projects: string[]): Promise<string> =>
  (await api.call(`${API}/tokens`, { body: { name: unique('auditor'), scopes: ['deployments:read'], projects } })).body
    .token;

describe('GET /events?hashes=true', () => {
  it('has every event with its stored texts, up to the newest checkpoint', async () => {
    const { headers, status } = await get('/events?hashes=true', ndjson);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; hashes=true']);
    const rows = await rowsOf(
      database,
      'select position, data::text, metadata::text, id from events order by position',
    );
    expect(events.map(({ position, data, metadata, eventId: id }) => ({ position, data, metadata, id }))).toEqual(rows);
    expect(await audit(api)).toMatchObject({ verdict: 'verified', anchored: COUNT });
  });

  it('begins behind `after`, and ends after `limit` or at the size of a checkpoint', async () => {
    const part = linesOf((await get('/events?hashes=true&after=990&limit=20', ndjson)).text);
    expect(part).toEqual(events.slice(990, 1_010));
    expect(linesOf((await get('/events?hashes=true&size=1000', ndjson)).text)).toEqual(events.slice(0, 1_000));
  });

  it('of a part is verified by the proof of its last event', async () => {
    const { text } = await get('/events?hashes=true&after=990&limit=20', ndjson);
    const keys = (await get('/audit/key', plain)).text;
    const older = (await get('/audit/checkpoints')).body.items[1];
    const judge = async (checkpoints: string, proof: string): Promise<Verdict> =>
      verifyExport({
        events: (async function* () {
          yield Buffer.from(text);
        })(),
        ...{ checkpoints, keys, proof: (await get(proof)).text },
      });
    const expected = { verdict: 'verified', first: 991, last: 1_010, anchored: 1_010 };
    expect(await judge((await get('/audit/checkpoints', plain)).text, '/audit/proof/1010')).toMatchObject(expected);
    // Of the newest checkpoint, which whoever kept an older one does not have.
    const { verdict, message } = await judge(older.note, '/audit/proof/1010');
    const wayTo = /GET (\S+\?size=2000),/.exec(message)?.[1];
    expect([verdict, wayTo]).toEqual(['unproven', '/audit/proof/1010?size=2000']);
    expect(await judge(older.note, wayTo!)).toMatchObject(expected);
  });

  it.each([
    ['as a page', '?hashes=true', {}, 400, 'bad_request'],
    ['with a filter of projects', '?hashes=true&project=web-shop', ndjson, 400, 'bad_request'],
    ['with a filter of types', '?hashes=true&type=TargetCreated', ndjson, 400, 'bad_request'],
    ['beyond what is sealed', `?hashes=true&size=${COUNT + 1}`, ndjson, 404, 'checkpoint_not_found'],
    ['with a size, and without hashes', '?size=7', ndjson, 400, 'bad_request'],
    ['with neither yes nor no', '?hashes=perhaps', ndjson, 400, 'bad_request'],
  ])('is refused %s', async (_how, query, headers, ...refusal) => {
    const { status, body } = await get(`/events${query}`, headers);
    expect([status, body.code]).toEqual(refusal);
  });

  it('is refused to whom the log shows only some projects', async () => {
    const { status, body } = await get('/events?hashes=true', ndjson, await tokenFor(['web-shop']));
    expect([status, body.code]).toEqual([403, 'forbidden']);
  });
});

describe('GET /audit/checkpoints', () => {
  it('has the newest first, in pages', async () => {
    const first = await get('/audit/checkpoints?limit=2');
    expect(first.body.items.map(({ size }: Loose) => size)).toEqual([3_000, 2_000]);
    const second = await get(`/audit/checkpoints?limit=2&cursor=${first.body.nextCursor}`);
    expect([second.body.items.map(({ size }: Loose) => size), second.body.nextCursor]).toEqual([[1_000], null]);
  });

  it('has the notes alone as text', async () => {
    const { body } = await get('/audit/checkpoints');
    const { text, headers } = await get('/audit/checkpoints?limit=2', plain);
    expect(text).toBe(`${body.items[0].note}\n${body.items[1].note}`);
    expect(headers.get('link')).toMatch(/rel="next"/);
    const [origin, size, root, time] = body.items[0].note.split('\n');
    const [{ store_id: storeId }] = await rowsOf(database, 'select store_id from log');
    expect([origin, size, root, time]).toEqual([
      `urn:shiplog:${storeId}`,
      '3000',
      body.items[0].root,
      `time ${body.items[0].time}`,
    ]);
  });

  it('is there for every token', async () => {
    expect((await get('/audit/checkpoints', {}, await tokenFor(['elsewhere']))).status).toBe(200);
  });
});

describe('GET /audit/proof/{position}', () => {
  it.each([1, 2, 1_000, 1_001, 2_999, 3_000])('leads from event %d to the root', async (position) => {
    const { body } = await get(`/audit/proof/${position}`);
    expect(body.hashes).toEqual(inBase64(await inclusionProof(position - 1, COUNT, tilesOf(COUNT))));
    expect(body).toMatchObject({ position, size: COUNT, leafHash: events[position - 1]!.hash });
    expect(body.previousHash).toBe(events[position - 2]?.hash ?? null);
    expect(body.event).toEqual(events[position - 1]);
  });

  it('is of an older checkpoint where one is asked for', async () => {
    const { body } = await get('/audit/proof/17?size=2000');
    expect(body.hashes).toEqual(inBase64(await inclusionProof(16, 2_000, tilesOf(2_000))));
    expect(body.checkpoint.split('\n')[1]).toBe('2000');
  });

  it.each([
    ['an event that is not sealed', '/3001', 'event_not_found'],
    ['an event that the checkpoint does not reach', '/1001?size=1000', 'event_not_found'],
    ['what is no position', '/first', 'event_not_found'],
    ['a size of no checkpoint', '/1?size=999', 'checkpoint_not_found'],
  ])('is 404 for %s', async (_what, path, code) => {
    const { status, body } = await get(`/audit/proof${path}`);
    expect([status, body.code]).toEqual([404, code]);
  });

  it('shows nothing of a project that the token does not reach', async () => {
    const stranger = await tokenFor(['elsewhere']);
    const { status, body, text } = await get('/audit/proof/17', {}, stranger);
    expect([status, body.detail]).toEqual([404, 'There is no event 17.']);
    expect(text).not.toContain('web-shop');
    expect((await get('/audit/proof/17', {}, await tokenFor(['web-shop']))).status).toBe(200);
  });
});

describe('GET /audit/consistency', () => {
  it.each([
    ['from=1000&to=2000', 1_000, 2_000],
    ['from=1&to=3', 1, 3],
    ['from=2500', 2_500, COUNT],
    ['from=3000&to=3000', COUNT, COUNT],
  ])('leads from one tree to the next: %s', async (query, from, to) => {
    const { body } = await get(`/audit/consistency?${query}`);
    expect(body).toEqual({ from, to, hashes: inBase64(await consistencyProof(from, to, tilesOf(to))) });
  });

  it.each([
    ['from=3&to=2', 400, 'bad_request'],
    ['to=2', 400, 'bad_request'],
    ['from=0', 400, 'bad_request'],
    ['from=2026-11-20T10:00:00Z', 400, 'bad_request'],
    ['from=1&to=3001', 404, 'checkpoint_not_found'],
    ['from=3001', 404, 'checkpoint_not_found'],
    ['from=3001&to=3000', 400, 'bad_request'],
  ])('is refused for %s', async (query, status, code) => {
    const { status: answered, body } = await get(`/audit/consistency?${query}`);
    expect([answered, body.code]).toEqual([status, code]);
  });
});

describe('GET /audit/key', () => {
  it('has the keys that have signed, as verifiers take them', async () => {
    const { body, headers } = await get('/audit/key');
    const [{ store_id: storeId }] = await rowsOf(database, 'select store_id from log');
    expect(body).toMatchObject({ origin: `urn:shiplog:${storeId}`, keys: [{ fromSize: 0 }] });
    const [{ vkey, keyId }] = body.keys;
    const [name, id, key] = vkey.split('+');
    const made = createHash('sha256').update(`${name}\n`).update(Buffer.from(key, 'base64')).digest('hex');
    expect([name, id, id]).toEqual([body.origin, keyId, made.slice(0, 8)]);
    expect((await get('/audit/key', plain)).text).toBe(`${vkey}\n`);
    expect((await get('/audit/key', anything)).headers.get('content-type')).toMatch('application/json');
    expect((await get('/audit/key', { 'if-none-match': headers.get('etag')! })).status).toBe(304);
  });
});

describe('GET /status', () => {
  it('says how far the log is sealed', async () => {
    const { body } = await get('/status');
    expect(body.sealer).toMatchObject({ position: COUNT, lag: 0, lagSeconds: 0, signedAt: expect.any(String) });
    const { text } = await api.call('/metrics', { token: null });
    expect(text).toMatch(/^shiplog_lag_positions\{kind="sealer",name="audit"\} 0$/m);
  });
});

describe('a service that seals as it runs', () => {
  it('signs within moments over what it takes in', async () => {
    const own = await testDatabase();
    const running = await startTestServer(own);
    try {
      await running.call(`${API}/projects/${unique('p')}/targets`, { body: { key: 'production' } });
      for (const late = performance.now() + 20_000; performance.now() < late;) {
        if ((await running.call(`${API}/audit/checkpoints`)).body.items.length > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await audit(running)).toMatchObject({ verdict: 'verified', anchored: 1 });
      const { body } = await running.call(`${API}/status`);
      expect(body.loops.sealer).toEqual({ state: 'running', position: 1, reason: null });
      const { headers, text } = await running.call(`${API}/events?hashes=false`, { headers: ndjson });
      expect(headers.get('content-type')).toBe('application/x-ndjson');
      expect(JSON.parse(text)).not.toHaveProperty('hash');
    } finally {
      await running.server.close();
      await own.drop();
    }
  });
});
