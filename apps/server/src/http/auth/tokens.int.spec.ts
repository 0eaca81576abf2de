import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  API,
  newTarget,
  rowsOf,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type Reply,
  type TestServer,
} from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';
import { newToken } from './secret.js';

const TOKENS = `${API}/tokens`;
const api = suiteServer();

const make = async (more: object = {}, token?: string): Promise<Reply> =>
  api.call(TOKENS, {
    body: { name: unique('ci'), scopes: ['deployments:read'], projects: ['*'], ...more },
    ...(token === undefined ? {} : { token }),
  });
const made = async (more: object = {}, token?: string): Promise<Loose> => {
  const { status, text, body } = await make(more, token);
  if (status !== 201) throw new Error(text);
  return body;
};
/** What a token is answered on the way in. */
const statusOf = async (token: string, at: TestServer = api): Promise<number> =>
  (await at.call(`${API}/projects`, { token })).status;

describe('a new token', () => {
  it('is shown once, with its secret, and lets in', async () => {
    const name = unique('ci');
    const { status, headers, body } = await make({ name, projects: ['a', 'b'], scopes: ['targets:write'] });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name,
      kind: 'service',
      scopes: ['targets:write'],
      projects: ['a', 'b'],
      createdAt: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/),
      createdBy: { id: 'admin', kind: 'service' },
      expiresAt: null,
      lastUsedAt: null,
      token: expect.stringMatching(/^shl_[0-9A-Za-z]{36}$/),
    });
    expect(await statusOf(body.token)).toBe(200);
  });

  it('is kept as its SHA-256 alone', async () => {
    const { id, token } = await made();
    const [row] = await rowsOf(api.database, 'select digest, tokens::text as all from tokens where id = $1', [id]);
    expect(row.digest).toEqual(createHash('sha256').update(token).digest());
    expect(row.all).not.toContain(token.slice(4));
    expect(await statusOf(row.digest.toString('hex'))).toBe(401);
  });

  it('acts under its name', async () => {
    const { project, path } = await newTarget(api);
    const { name, token } = await made({ scopes: ['deployments:write'], projects: [project] });
    const { body } = await api.call(`${path}/finish`, { body: { version: '1' }, token });
    expect(body.deployment.actor).toEqual({ id: name, kind: 'service' });
  });

  it.each([
    [{ name: undefined }, 'name'],
    [{ name: '' }, 'name'],
    [{ name: ' ci' }, 'name'],
    [{ name: 'a\nb' }, 'name'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['write'] }, 'scopes'],
    [{ scopes: ['admin', 'admin'] }, 'scopes'],
    [{ scopes: 'admin' }, 'scopes'],
    [{ projects: [] }, 'projects'],
    [{ projects: ['*', 'a'] }, 'projects'],
    [{ projects: [' '] }, 'projects'],
    [{ projects: '*' }, 'projects'],
    [{ kind: 'system' }, 'kind'],
    [{ kind: null }, 'kind'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ expiresAt: null }, 'expiresAt'],
    [{ secret: 'x' }, 'secret'],
  ])('with %j is 400 for %s', async (more, field) => {
    const { status, body } = await make(more);
    expect([status, body.code]).toEqual([400, 'bad_request']);
    expect(body.errors[0].field).toMatch(new RegExp(`^${field}`));
  });

  it.each([undefined, [], 'x'])('asked for with the body %j is 400', async (body) => {
    expect((await api.call(TOKENS, { method: 'POST', body })).status).toBe(400);
  });

  it('has a name that no living token has', async () => {
    const name = unique('ci');
    const all = await Promise.all(Array.from({ length: 8 }, () => make({ name })));
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    const refused = all.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ code: 'token_exists' });
    const { id } = all.find(({ status }) => status === 201)!.body;
    expect((await api.call(`${TOKENS}/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await make({ name })).status).toBe(201);
  });

  it.each(['admin', 'timekeeper', 'kafka', 'oidc:octo/shop'])('may not be called %s', async (name) => {
    const { status, body } = await make({ name });
    expect([status, body.code]).toEqual([409, 'token_exists']);
  });
});

describe('a token of a person', () => {
  it('stands in the log as an opaque id, is shown by its name, and controls nothing by hand where that is off', async () => {
    const { path } = await newTarget(api, {
      settings: { manualControls: false, approvals: [{ name: 'qa', required: 1 }] },
    });
    const { name, token } = await made({ kind: 'user', scopes: ['deployments:write', 'targets:write'] });
    const { body } = await api.call(`${path}/schedule`, { body: { version: '1' }, token });
    expect(body.deployment.actor).toEqual({ id: name, kind: 'user' });
    const [{ metadata }] = await rowsOf(api.database, 'select metadata::text from events where position = $1', [
      body.position,
    ]);
    expect(metadata).toContain('"kind":"user"');
    expect(metadata).not.toContain(name);
    for (const list of [`${API}/deployments?actor=${name}`, `${path}/deployments?actor=${name}&status=blocked`]) {
      const { items } = (await api.call(`${list}&min_position=${body.position}`)).body;
      expect(items.map(({ actor }: Loose) => actor)).toEqual([{ id: name, kind: 'user' }]);
    }
    for (const control of ['start', 'finish', 'fail', 'cancel', 'retire']) {
      const refused = await api.call(`${path}/deployments/1/${control}`, { body: {}, token });
      expect([control, refused.status, refused.body.code]).toEqual([control, 409, 'manual_controls_disabled']);
    }
    expect((await api.call(`${path}/deployments/1/approve`, { body: {}, token })).status).toBe(200);
    const { token: machine } = await made({ scopes: ['deployments:write'] });
    expect((await api.call(`${path}/deployments/1/finish`, { body: {}, token: machine })).status).toBe(200);
  });
});

describe('the list of tokens', () => {
  it('has them page by page, each with all but what proves it', async () => {
    const names = [unique('one'), unique('two'), unique('three')];
    const tokens = [];
    for (const name of names) tokens.push(await made({ name, projects: ['listed'], scopes: ['admin'] }));
    const { token } = tokens[0];
    const pages: Loose[] = [];
    for (let at: string | null = `${TOKENS}?limit=2`; at !== null;) {
      const { body, text, headers }: Reply = await api.call(at, { token });
      pages.push(body.items);
      for (const each of tokens) expect(text).not.toContain(each.token);
      expect(headers.has('link')).toBe(body.nextCursor !== null);
      at = body.nextCursor && `${TOKENS}?limit=2&cursor=${body.nextCursor}`;
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 1]);
    const { token: _, ...expected } = tokens[1];
    expect(pages.flat().map(({ name }) => name)).toEqual(names);
    expect(pages[0][1]).toEqual(expected);
  });

  it('says when a token was used last, soon, and not more than once a minute', async () => {
    const { id, token } = await made();
    await statusOf(token);
    const usedAt = async (): Promise<string | null> =>
      (await rowsOf(api.database, 'select last_used_at::text from tokens where id = $1', [id]))[0].last_used_at;
    await until(async () => (await usedAt()) !== null);
    const first = await usedAt();
    for (let n = 0; n < 20; n += 1) await statusOf(token);
    expect(await usedAt()).toBe(first);
  });
});

describe('a token with a reach', () => {
  it('makes, lists and revokes only within it', async () => {
    const [mine, other] = [unique('mine'), unique('other')];
    const admin = await made({ scopes: ['admin'], projects: [mine] });
    for (const projects of [[other], [mine, other], ['*']]) {
      const { status, body } = await make({ projects }, admin.token);
      expect([projects, status, body.code]).toEqual([projects, 403, 'forbidden']);
    }
    const theirs = await made({ projects: [other] });
    const both = await made({ projects: [mine, other] });
    const own = await made({ projects: [mine], scopes: ['deployments:write'] }, admin.token);
    expect(own.createdBy).toEqual({ id: admin.name, kind: 'service' });
    const { body, text } = await api.call(TOKENS, { token: admin.token });
    expect(body.items.map(({ id }: Loose) => id)).toEqual([admin.id, own.id]);
    expect(text).not.toContain(other);
    const asIfNone = await api.call(`${TOKENS}/${randomUUID()}`, { method: 'DELETE', token: admin.token });
    for (const { id } of [theirs, both]) {
      const reply = await api.call(`${TOKENS}/${id}`, { method: 'DELETE', token: admin.token });
      expect([reply.status, reply.text]).toEqual([404, asIfNone.text]);
    }
    expect(asIfNone.body.code).toBe('token_not_found');
    expect(await statusOf(theirs.token)).toBe(200);
    expect((await api.call(`${TOKENS}/${own.id}`, { method: 'DELETE', token: admin.token })).status).toBe(204);
  });

  it('and an end makes none that outlives it', async () => {
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const admin = await made({ scopes: ['admin'], expiresAt: ends });
    const at = (ms: number): string => new Date(Date.parse(ends) + ms).toISOString();
    const { status, body } = await make({ expiresAt: at(1) }, admin.token);
    expect([status, body.code]).toEqual([403, 'forbidden']);
    expect(body.detail).toBe(`A token makes none that outlives it: this one ends at ${admin.expiresAt}.`);
    for (const expiresAt of [undefined, ends])
      expect((await made({ expiresAt }, admin.token)).expiresAt).toBe(admin.expiresAt);
  });

  it.each(['deployments:read', 'deployments:write', 'targets:write'])(
    'and the scope %s manages no tokens',
    async (scope) => {
      const { id, token } = await made({ scopes: [scope] });
      for (const [method, at] of [
        ['POST', TOKENS],
        ['GET', TOKENS],
        ['HEAD', TOKENS],
        ['DELETE', `${TOKENS}/${id}`],
      ] as const)
        expect([method, (await api.call(at, { method, token })).status]).toEqual([method, 403]);
    },
  );
});

describe('a token ends', () => {
  it('when it is revoked: here at once, on other replicas within 5 seconds, for ever, and after a restart', async () => {
    const { id, token, name } = await made();
    const other = await startTestServer(api.database);
    expect([await statusOf(token), await statusOf(token, other)]).toEqual([200, 200]);
    expect((await api.call(`${TOKENS}/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await statusOf(token)).toBe(401);
    await until(async () => (await statusOf(token, other)) === 401, undefined, 5_000);
    expect((await api.call(`${TOKENS}/${id}`, { method: 'DELETE' })).body.code).toBe('token_not_found');
    await made({ name });
    expect(await statusOf(token)).toBe(401);
    await other.server.close();
    const again = await startTestServer(api.database);
    expect(await statusOf(token, again)).toBe(401);
    await again.server.close();
  }, 30_000);

  it('when it expires, and its name is free again', async () => {
    const name = unique('brief');
    const { token } = await made({ name, expiresAt: new Date(Date.now() + 1_500).toISOString() });
    expect(await statusOf(token)).toBe(200);
    expect((await make({ name })).status).toBe(409);
    const since = performance.now();
    await until(async () => (await statusOf(token)) === 401, undefined, 5_000);
    expect(performance.now() - since).toBeGreaterThan(500);
    expect((await make({ name })).status).toBe(201);
  });

  it('not when the service starts again', async () => {
    const { token } = await made();
    const again = await startTestServer(api.database);
    expect(await statusOf(token, again)).toBe(200);
    await again.server.close();
  });

  it('or is unknown: 401 with the wrong checksum and with the right one', async () => {
    const token = newToken();
    expect(await statusOf(token)).toBe(401);
    expect(await statusOf(`${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)).toBe(401);
  });
});

describe('while the database is away', () => {
  it('a token that is not known yet is 503, one of wrong form 401, and open routes answer', async () => {
    const own = await testDatabase();
    const away = await startTestServer(own);
    const known = (await away.call(TOKENS, { body: { name: 'known', scopes: ['admin'], projects: ['*'] } })).body.token;
    expect(await statusOf(known, away)).toBe(200);
    await own.drop();
    const { status, headers, body } = await away.call(`${API}/projects`, { token: newToken() });
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await away.call('/api/v1/%', { token: newToken() })).status).toBe(503);
    expect(await statusOf('shl_no-token', away)).toBe(401);
    for (const at of ['/health/live', '/metrics', '/openapi.json'])
      expect((await away.call(at, { token: newToken() })).status).toBe(200);
    await away.server.close();
  }, 60_000);
});
