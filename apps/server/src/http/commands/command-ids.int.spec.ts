import { describe, expect, it } from '@jest/globals';
import { API, newTarget, startTestServer } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const commitRefs = [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }];

const api = suiteServer();

describe('a command id', () => {
  it('gets the same answer again, byte for byte, whatever has happened since, and after a restart', async () => {
    const { path, project } = await newTarget(api);
    const call = {
      body: { version: '1', commitRefs, claimedBy: { id: 'ann', name: 'Ann' } },
      headers: { 'idempotency-key': 'once' },
    };
    const first = await api.call(`${path}/start`, call);
    await api.call(`${path}/finish`, { body: { version: '1', commitRefs } });
    await api.call(path, { method: 'PATCH', body: { name: 'Another' } });
    const again = await api.call(`${path}/start`, call);
    const other = await startTestServer(api.database);
    const elsewhere = await other.call(`${path}/start`, call);
    await other.server.close();
    for (const reply of [again, elsewhere]) {
      expect([reply.status, reply.text]).toEqual([first.status, first.text]);
      for (const name of ['etag', 'shiplog-position']) expect(reply.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(new URL(elsewhere.headers.get('location')!).pathname).toBe(
      `${API}/projects/${project}/targets/production/deployments/1`,
    );
  });

  it('is the same command whatever the white space and the order of keys', async () => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'ordered', 'content-type': 'application/json' };
    const first = await api.call(`${path}/start`, { raw: '{"version":"1","metadata":{"a":1,"b":2}}', headers });
    const again = await api.call(`${path}/start`, { raw: ' { "metadata" : {"b":2, "a":1},\n"version":"1" }', headers });
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
  });

  it.each([
    ['body', '/start', { method: 'POST', body: { version: '2' } }],
    ['path', '/finish', { method: 'POST', body: { version: '1' } }],
    ['If-Match', '/start', { method: 'POST', body: { version: '1' }, headers: { 'if-match': '"1"' } }],
    ['method', '', { method: 'PATCH', body: {} }],
  ])('with another %s is 422', async (_what, at, call) => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'twice' };
    const first = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    const reused = await api.call(`${path}${at}`, {
      ...call,
      headers: { ...headers, ...('headers' in call ? call.headers : {}) },
    });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused', commandId: 'twice' } });
    const { items } = (await api.call(`${API}/events?min_position=${first.body.position}&after=${first.body.position}`))
      .body;
    expect(items).toEqual([]);
  });

  it('is unique within its target only', async () => {
    const headers = { 'idempotency-key': 'everywhere' };
    for (const { path } of [await newTarget(api), await newTarget(api)])
      expect((await api.call(`${path}/start`, { body: { version: '1' }, headers })).status).toBe(201);
  });

  it('sent many times at once is carried out once', async () => {
    const { path } = await newTarget(api);
    const call = { body: { version: '1' }, headers: { 'idempotency-key': 'storm' } };
    const replies = await Promise.all(Array.from({ length: 30 }, () => api.call(`${path}/finish`, call)));
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(replies[0]!.body).toMatchObject({ version: 2, target: { version: 2 } });
  });

  it('may be any text of 1 to 255 characters', async () => {
    const { path } = await newTarget(api);
    const key = `ü€😀/%2F ${'x'.repeat(240)}`;
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
    const { status, body } = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    expect([status, body.commandId]).toEqual([201, key]);
    expect((await api.call(`${path}/commands/${encodeURIComponent(key)}`)).body.commandId).toBe(key);
  });

  it.each(['x'.repeat(256), 'shiplog:due:1', ''])('is refused as %j', async (key) => {
    const { path } = await newTarget(api);
    const refused = await api.call(`${path}/start`, { body: { version: '1' }, headers: { 'idempotency-key': key } });
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'Idempotency-Key']);
  });

  it('that was refused as no command may be tried again', async () => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'second-try' };
    const refused = await api.call(`${path}/start`, { body: { version: 5 }, headers });
    expect(refused).toMatchObject({ status: 400, body: { code: 'bad_request', commandId: 'second-try' } });
    expect((await api.call(`${path}/commands/second-try`)).body.code).toBe('command_not_found');
    expect((await api.call(`${path}/start`, { body: { version: '5' }, headers })).status).toBe(201);
  });
});

describe('If-Match', () => {
  it('is the version that the target must have', async () => {
    const { path } = await newTarget(api);
    const start = (version: string) =>
      api.call(`${path}/start`, { body: { version: '1' }, headers: { 'if-match': version } });
    expect(await start('"2"')).toMatchObject({ status: 412, body: { code: 'version_conflict' } });
    const { status, headers } = await start('"1"');
    expect([status, headers.get('etag')]).toEqual([201, '"2"']);
    expect((await start('"1"')).status).toBe(412);
  });

  it.each(['*', '1', 'W/"1"', '"1", "2"', '"one"', '"01"', '"9007199254740993"', '""'])(
    'is refused as %s',
    async (value) => {
      const { path } = await newTarget(api);
      const refused = await api.call(`${path}/start`, { body: { version: '1' }, headers: { 'if-match': value } });
      expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'If-Match']);
    },
  );

  it('lets one of many pass', async () => {
    const { path } = await newTarget(api);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        api.call(`${path}/finish`, { body: { version: `${n}` }, headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(412)]);
  });
});
