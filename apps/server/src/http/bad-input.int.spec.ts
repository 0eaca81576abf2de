import { beforeAll, describe, expect, it } from '@jest/globals';
import { API, newTarget, type Reply } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';

const api = suiteServer();
let path: string;
let project: string;
beforeAll(async () => {
  ({ path, project } = await newTarget(api));
});

const expectProblem = ({ status, headers, body }: Reply, expected: object): void => {
  expect({ ...body, type: headers.get('content-type') }).toMatchObject({
    type: 'application/problem+json',
    status,
    ...expected,
  });
};

describe('a body that is no command', () => {
  const text = (raw: string | Uint8Array, type = 'application/json') => ({
    raw: raw as BodyInit,
    headers: { 'content-type': type },
  });
  const json = (value: unknown) => ({ body: value });
  const nested = (depth: number) => `{"version":"1","metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

  it.each([
    ['null', text('null')],
    ['a list', text('[]')],
    ['a number', text('5')],
    ['a text', text('"x"')],
    ['truncated JSON', text('{"version":"1"')],
    ['a byte order mark', text('\ufeff{"version":"1"}')],
    ['UTF-16', text(Buffer.from('{"version":"1"}', 'utf16le'))],
    ['bytes that are not UTF-8', text(Buffer.from('{"version":"\xff"}', 'latin1'))],
    ['U+0000 in a value', text('{"version":"\\u0000"}')],
    ['U+0000 in a key', text('{"version":"1","metadata":{"\\u0000":1}}')],
    ['half a surrogate pair', text('{"version":"\\ud800"}')],
    ['the other half as a key', text('{"version":"1","metadata":{"\\udc00":1}}')],
    ['1e400', text('{"version":"1","metadata":{"a":1e400}}')],
    ['2^53 + 1', text('{"version":"1","metadata":{"a":9007199254740993}}')],
    ['23 digits', text('{"version":"1","metadata":{"a":12345678901234567890123}}')],
    ['a key twice', text('{"version":"1","version":"2"}')],
    ['__proto__', text('{"version":"1","__proto__":{"admin":true}}')],
    ['__proto__ further down', text('{"version":"1","metadata":{"__proto__":{}}}')],
    ['constructor.prototype', text('{"version":"1","constructor":{"prototype":{}}}')],
    ['100 levels', text(nested(100))],
    ['100,000 levels', text(nested(100_000))],
    ['an unknown member', json({ version: '1', force: true })],
    ['members of every object', json({ version: '1', toString: 1, hasOwnProperty: 2 })],
    ['a number for a text', json({ version: 5 })],
    ['null for a text', json({ version: null })],
    ['an empty version', json({ version: '' })],
    ['a long version', json({ version: 'x'.repeat(256) })],
    ['a list for an object', json({ version: '1', metadata: [] })],
    [
      'one pair twice',
      json({
        version: '1',
        commitRefs: [
          { repository: 'r', branch: 'b' },
          { repository: 'r', branch: 'b' },
        ],
      }),
    ],
    ['a script for a link', json({ version: '1', externalLink: { url: 'javascript:alert(1)' } })],
    ['a script with a tab', json({ version: '1', externalLink: { url: 'JaVa\tscript:alert(1)' } })],
    ['a data link', json({ version: '1', externalLink: { url: 'data:text/html,x' } })],
    ['a time that is none', json({ version: '1', occurredAt: 'yesterday' })],
    ['the year 275760', json({ version: '1', occurredAt: '275760-09-13T00:00:00Z' })],
    ['the year 0', json({ version: '1', scheduledFor: '0000-01-01T00:00:00Z' })],
    ['a time in six minutes', json({ version: '1', occurredAt: new Date(Date.now() + 360_000).toISOString() })],
    ['claimedBy without an id', json({ version: '1', claimedBy: { name: 'Ann' } })],
    [
      '65 members of metadata',
      json({ version: '1', metadata: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, n])) }),
    ],
    ['17 KiB of metadata', json({ version: '1', metadata: { a: 'x'.repeat(17_000) } })],
    ['100,000 keys', text(`{${Array.from({ length: 15_000 }, (_, n) => `"k${n}":1`).join()}}`)],
    [
      '20,000 refs',
      json({ version: '1', commitRefs: Array.from({ length: 5_000 }, () => ({ repository: 'r', branch: 'b' })) }),
    ],
  ])('%s is 400 and names the part at fault', async (_what, call) => {
    const reply = await api.call(`${path}/start`, { method: 'POST', ...call });
    expectProblem(reply, { status: 400, code: 'bad_request' });
    expect(reply.body.errors.length).toBeGreaterThan(0);
    for (const { field, message } of reply.body.errors)
      expect([field, message]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('names each member at fault, by its path', async () => {
    const body = { version: 1, commitRefs: [{ repository: 'r' }], nope: 1 };
    const { body: problem } = await api.call(`${path}/start`, { body });
    const fields = problem.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['version', 'commitRefs[0].branch', 'nope']));
  });

  it.each([
    ['text/plain', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/xml', 415],
    ['application/json; charset=utf-16', 415],
    ['', 415],
    ['json', 415],
    ['application/json;charset="UTF-8"', 201],
    ['APPLICATION/JSON', 201],
  ])('under the content type %j is %d', async (type, status) => {
    const { path: at } = await newTarget(api);
    const reply = await api.call(`${at}/start`, {
      raw: Buffer.from('{"version":"1"}') as BodyInit,
      headers: { 'content-type': type },
    });
    expect(reply.status).toBe(status);
    if (status === 415) expectProblem(reply, { code: 'unsupported_media_type' });
  });

  it('compressed is 415', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expectProblem(await api.call(`${path}/start`, { raw: 'x', headers }), { status: 415 });
  });

  it('of more than 256 KiB is 413', async () => {
    const reply = await api.call(`${path}/start`, text(`{"version":"${'x'.repeat(262_144)}"}`));
    expectProblem(reply, { status: 413, code: 'too_large' });
  });

  it('of nothing is none, of whatever type', async () => {
    const { path: at } = await newTarget(api);
    await api.call(`${at}/finish`, { body: { version: '1' } });
    const headers = { 'content-type': 'text/plain;charset=UTF-8' };
    expect((await api.call(`${at}/deployments/1/retire`, { raw: '', headers })).status).toBe(200);
  });

  it.each(['{bad', '{"a":1,"a":2}', 'x'.repeat(300_000)])('for no route at all is 404', async (raw) => {
    for (const at of ['/nothing', '/current']) {
      const reply = await api.call(`${API}${at}`, { method: 'POST', ...text(raw) });
      expectProblem(reply, { status: 404, code: 'not_found' });
    }
  });

  it('that is hostile but well-formed is stored as it is', async () => {
    const version = '<img onerror=alert(1)> \u202e ${jndi:ldap://x} ../.. %00 \u0301\u0301';
    const { path: at } = await newTarget(api);
    const { status, body } = await api.call(`${at}/start`, {
      body: { version, metadata: { a: -0, b: 1.5e-7, c: '\u001b[2J\r\nx' } },
    });
    expect([status, body.deployment?.version]).toEqual([201, version]);
    expect((await api.call(`${at}/deployments/1?min_position=${body.position}`)).body).toEqual(body.deployment);
  });
});

describe('a target', () => {
  const create = (key: unknown) => api.call(`${API}/projects/${project}/targets`, { body: { key } });

  it.each(['', '.', '..', ' a', 'a ', 'a\tb', '\u0000', 'e\u0301', 'x'.repeat(201), 5, null, undefined, '\u00a0x'])(
    'may not have the key %j',
    async (key) => {
      const reply = await create(key);
      expectProblem(reply, { status: 400, code: 'bad_request' });
      expect(reply.body.errors[0].field).toBe('key');
    },
  );

  it('may have any other of up to 200 code points', async () => {
    for (const key of [
      'review/42',
      '%2F',
      'a b',
      '😀'.repeat(200),
      '#?&=+',
      '-._~!$',
      'constructor',
      '__proto__',
      '%00',
    ]) {
      const { status, headers, body } = await create(key);
      expect([key, status]).toEqual([key, 201]);
      const at = headers.get('location')!.slice(api.server.url.length);
      expect((await api.call(`${at}?min_position=${body.position}`)).body).toMatchObject({ project, key });
    }
  });

  it.each(['%00', 'a%0Ab', '%20a', 'x'.repeat(201), 'e%CC%81'])(
    'in a project %s is 400 for a command and 404 for a read',
    async (name) => {
      const at = `${API}/projects/${name}/targets`;
      expectProblem(await api.call(at, { body: { key: 'x' } }), { status: 400 });
      expectProblem(await api.call(`${at}/x/start`, { body: {} }), { status: 400 });
      expectProblem(await api.call(at), { status: 404, code: 'project_not_found' });
      expectProblem(await api.call(`${at}/x`), { status: 404, code: 'target_not_found' });
    },
  );

  it.each(['%zz', '%ff', '%ed%a0%80', '%'])('is not found behind a path that is no UTF-8: %s', async (name) => {
    const reply = await api.call(`${API}/projects/${name}/targets`);
    expectProblem(reply, { status: 400, errors: [{ field: 'path', message: 'must be percent-encoded UTF-8' }] });
  });

  it.each(['0', '-1', '1.5', '01', 'x', '9007199254740993', '%00'])('has no deployment %s', async (number) => {
    expectProblem(await api.call(`${path}/deployments/${number}`), { status: 404, code: 'deployment_not_found' });
    expectProblem(await api.call(`${path}/deployments/${number}/finish`, { body: {} }), { status: 400 });
  });

  it('has no deployment with a number above what Postgres calls an integer', async () => {
    for (const number of ['2147483648', '9007199254740991']) {
      expectProblem(await api.call(`${path}/deployments/${number}`), { status: 404, code: 'deployment_not_found' });
      expectProblem(await api.call(`${path}/deployments/${number}/finish`, { body: {} }), { status: 404 });
      expectProblem(await api.call(`${API}/deployments/${number}`), { status: 404, code: 'deployment_not_found' });
    }
  });

  it('takes no query with a command', async () => {
    const reply = await api.call(`${path}/start?force=1`, { body: { version: '1' } });
    expectProblem(reply, { status: 400 });
    expect(reply.body.errors[0].field).toBe('force');
  });
});

describe('a query', () => {
  it.each([
    '?limit=0',
    '?limit=201',
    '?limit=1&limit=2',
    '?limit=x',
    '?cursor=x',
    '?nope=1',
    '?a[__proto__]=1',
    '?__proto__=1',
    '?project=%00',
    '?project=%ff',
    '?actor=%00',
    '?version=%00',
    '?status=',
    '?from=0',
    '?min_position=-1',
    '?min_position=1e3',
    `?version=${'x'.repeat(1001)}`,
    '?at=2026-01-01T00:00:00Z',
    '?%zz',
  ])('%s is 400', async (query) => {
    const reply = await api.call(`${API}/deployments${query}`);
    expectProblem(reply, { status: 400, code: 'bad_request' });
    expect(reply.body.errors).toHaveLength(1);
  });

  it('may be hostile text', async () => {
    for (const text of ["'; drop table events; --", '\\', '%25', '{a,b}', '"', '$1', 'ü😀', '*', '(?i)(a+)+$']) {
      for (const name of ['version', 'repository', 'branch', 'commit', 'actor', 'project', 'target']) {
        const { status, body } = await api.call(`${API}/deployments?${name}=${encodeURIComponent(text)}`);
        expect([name, text, status, body.items]).toEqual([name, text, 200, []]);
      }
    }
  });
});
