import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { jiraClient, reportOf } from '../../../../../test/support/jira.js';
import { TOKEN, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const { ask, named, pathOf, submit } = jiraClient(() => api);
const BULK = '/rest/deployments/0.1/bulk';

describe('a token', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    ask('POST', '/oauth/token', body, { token: undefined, headers } as never);

  it('is answered for itself, as JSON, as a form and as Basic', async () => {
    const { token } = await tokenOf(api, {
      name: unique('t'),
      projects: ['p'],
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
    });
    const asked = { grant_type: 'client_credentials', client_id: 'any', client_secret: token };
    const basic = `Basic ${Buffer.from(`any:${token}`).toString('base64')}`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const said of [
      await post(asked),
      await post(new URLSearchParams(asked).toString(), form),
      await post('grant_type=client_credentials', { ...form, authorization: basic }),
    ]) {
      expect(said).toMatchObject({ status: 200, json: { access_token: token, token_type: 'Bearer' } });
      expect(said.json.expires_in).toBeGreaterThan(500);
      expect(said.json.expires_in).toBeLessThanOrEqual(600);
      expect(said.headers['cache-control']).toBe('no-store');
    }
  });

  it.each<[string, unknown, number, string]>([
    ['a secret of nobody', { grant_type: 'client_credentials', client_secret: 'nobody' }, 401, 'access_denied'],
    ['no secret', { grant_type: 'client_credentials' }, 401, 'access_denied'],
    ['no object', [], 401, 'access_denied'],
    ['another grant', { grant_type: 'password', client_secret: TOKEN }, 400, 'unsupported_grant_type'],
    ['no JSON', '{', 400, 'invalid_request'],
  ])('is refused for %s', async (_, body, status, error) => {
    const said = await post(body, { 'content-type': 'application/json' });
    expect(said).toMatchObject({ status, json: { error, error_description: expect.any(String) } });
  });
});

describe('a refusal', () => {
  const json = { 'content-type': 'application/json' };
  it.each<[string, string, string, Loose, number]>([
    ['no list', 'POST', BULK, { body: {} }, 400],
    ['an empty list', 'POST', BULK, { body: { deployments: [] } }, 400],
    ['a list as the body', 'POST', BULK, { body: [] }, 400],
    ['no body', 'POST', BULK, {}, 400],
    ['bad JSON', 'POST', BULK, { body: '{', headers: json }, 400],
    ['too much', 'POST', BULK, { body: { deployments: ['x'.repeat(300_000)] } }, 413],
    ['another type', 'POST', BULK, { body: '<a/>', headers: { 'content-type': 'text/xml' } }, 415],
    ['no token', 'POST', BULK, { body: {}, token: undefined }, 401],
    ['no token, on no route', 'GET', '/_edge/nothing', { token: undefined }, 401],
    ['no route', 'GET', '/rest/deployments/0.1/nothing', {}, 404],
    ['no deployment', 'GET', '/rest/deployments/0.1/pipelines/p/environments/e/deployments/1', {}, 404],
    ['no number', 'GET', '/rest/deployments/0.1/pipelines/p/environments/e/deployments/one', {}, 400],
    ['half a path', 'GET', '/rest/deployments/0.1/pipelines/p/environments', {}, 404],
    [
      'a gate to delete',
      'DELETE',
      '/rest/deployments/0.1/pipelines/p/q/environments/e/deployments/1/gating-status',
      {},
      404,
    ],
  ])('of %s is Jira’s', async (_, ...[method, path, { body, ...more }, status]) => {
    const said = await ask(method, path, body, more);
    expect([said.status, said.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
    expect(said.json).toMatchObject({ code: status, errorMessages: [said.json.message], errors: {} });
  });

  it('of a token without the scope is 403', async () => {
    const one = named();
    const { token } = await tokenOf(api, { name: unique('r'), projects: [one.pipeline], scopes: ['deployments:read'] });
    const said = await ask('POST', BULK, { deployments: [reportOf(one)] }, { token });
    expect([said.status, said.json.code]).toEqual([403, 403]);
    const del = await ask('DELETE', '/rest/deployments/0.1/bulkByProperties?a=b', undefined, { token });
    expect(del.status).toBe(403);
  });
});

it('a token comes as Bearer, Basic and JWT', async () => {
  const path = '/rest/deployments/0.1/pipelines/p/environments/e/deployments/1';
  const basic = Buffer.from(`kim@example.org:${TOKEN}`).toString('base64');
  for (const authorization of [`Bearer ${TOKEN}`, `JWT ${TOKEN}`, `Basic ${basic}`])
    expect((await exchange(api.server.url, { path, headers: { authorization } })).status).toBe(404);
});

it('what a token does not reach is not there, however its ids are written', async () => {
  const one = { ...named(), pipeline: `${unique('o')}/r Deploy` };
  await submit([reportOf(one)]);
  const unencoded = `/rest/deployments/0.1/pipelines/${one.pipeline.replace(' ', '%20')}/environments/production/deployments/1`;
  const { token } = await tokenOf(api, { name: unique('s'), projects: ['elsewhere'] });
  for (const path of [unencoded, `${unencoded}/gating-status`, pathOf(one)]) {
    expect((await ask('GET', path)).status).toBe(200);
    expect((await ask('GET', path, undefined, { token })).status).toBe(404);
  }
  for (const path of [unencoded, pathOf(one)])
    expect((await ask('DELETE', path, undefined, { token })).status).toBe(404);
  expect((await ask('GET', unencoded)).json.state).toBe('pending');
});
