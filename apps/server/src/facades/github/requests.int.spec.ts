import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { githubClient } from '../../../../../test/support/github.js';
import { API, type Loose, TOKEN, unique } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const { ask, repository, create } = githubClient(() => api);

describe('a token', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  it.each([
    ['Bearer', { authorization: `Bearer ${TOKEN}` }],
    ['token', { authorization: `token ${TOKEN}` }],
    ['Basic with it as the password', { authorization: basic(`kim:${TOKEN}`) }],
    ['Basic with it as the user', { authorization: basic(`${TOKEN}:x-oauth-basic`) }],
    ['PRIVATE-TOKEN', { 'PRIVATE-TOKEN': TOKEN }],
    ['JOB-TOKEN', { 'JOB-TOKEN': TOKEN }],
  ])('is taken as %s', async (_, headers) => {
    const answered = await exchange(api.server.url, { path: '/api/v3/user', headers });
    expect([answered.status, JSON.parse(answered.body).login]).toEqual([200, 'admin']);
  });

  it('by any of them is nobody’s on our own routes but as Bearer', async () => {
    for (const headers of [{ authorization: `token ${TOKEN}` }, { 'private-token': TOKEN }])
      expect((await exchange(api.server.url, { path: `${API}/projects`, headers })).status).toBe(401);
  });

  it('reaches no other project by any of them, and writes only with the scope', async () => {
    const { project, path } = repository();
    await create(path);
    const stranger = await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'] });
    const reader = await tokenOf(api, { name: unique('reader'), projects: [project], scopes: ['deployments:read'] });
    for (const authorization of [`token ${stranger.token}`, basic(`x:${stranger.token}`)]) {
      const answered = await exchange(api.server.url, { path: `${path}/deployments`, headers: { authorization } });
      expect([answered.status, JSON.parse(answered.body)]).toEqual([
        404,
        expect.objectContaining({ message: 'Not Found', status: '404' }),
      ]);
    }
    const refused = await exchange(api.server.url, {
      method: 'POST',
      path: `${path}/deployments`,
      body: { ref: 'x' },
      token: reader.token,
    });
    expect([refused.status, JSON.parse(refused.body).message]).toEqual([403, 'Resource not accessible by integration']);
    expect((await exchange(api.server.url, { path: `${path}/deployments`, token: reader.token })).status).toBe(200);
  });
});

describe('a refusal', () => {
  const json = { 'content-type': 'application/json' };
  type Refused = Readonly<{ what: string; sent: [string, string, Loose]; told: [number, string] }>;
  const refusals: Array<[string, string, string, Loose, number, string]> = [
    ['bad JSON', 'POST', '/api/v3/repos/o/r/deployments', { body: '{', headers: json }, 400, 'Problems parsing JSON'],
    ['an unknown route', 'GET', '/api/v3/nothing/here', {}, 404, 'Not Found'],
    ['an unknown route of github.com', 'GET', '/repos/o/r/nothing', {}, 404, 'Not Found'],
    ['runs of workflows', 'GET', '/api/v3/repos/o/r/actions/runs/1/pending_deployments', {}, 404, 'Not Found'],
    ['branch policies', 'GET', '/api/v3/repos/o/r/environments/e/deployment-branch-policies', {}, 404, 'Not Found'],
    ['storage records', 'POST', '/api/v3/orgs/o/artifacts/metadata/storage-record', { body: {} }, 404, 'Not Found'],
    ['a method that is not there', 'PATCH', '/api/v3/repos/o/r/deployments/1', { body: {} }, 404, 'Not Found'],
    ['two slashes too many', 'GET', '/api/v3/repos/o/r/deployments//', {}, 404, 'Not Found'],
    ['a deployment that is none', 'GET', '/api/v3/repos/o/r/deployments/abc', {}, 404, 'Not Found'],
    ['no token', 'GET', '/api/v3/user', { token: undefined }, 401, 'Requires authentication'],
    ['a token of nobody', 'GET', '/api/v3/user', { token: 'nobody' }, 401, 'Bad credentials'],
    ['no token, on no route', 'GET', '/api/v3/nothing', { token: undefined }, 401, 'Requires authentication'],
    [
      'a body of another type',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: '<a/>', headers: { 'content-type': 'text/xml' } },
      415,
      'Unsupported Media Type',
    ],
    [
      'a body that is too large',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 'x'.repeat(300_000) } },
      413,
      'Payload Too Large',
    ],
    [
      'a list as the body',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: [] },
      422,
      "Invalid request.\n\nFor 'root', the body is not an object.",
    ],
    [
      'no ref',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: {} },
      422,
      'Invalid request.\n\n"ref" wasn\'t supplied.',
    ],
    [
      'a ref that is none',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 5 } },
      422,
      "Invalid request.\n\nFor 'properties/ref', 5 is not of type string.",
    ],
    [
      'a flag that is none',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 'x', auto_merge: 'perhaps' } },
      422,
      'Invalid request.\n\nFor \'properties/auto_merge\', "perhaps" is not of type boolean.',
    ],
    [
      'an environment that can be no key',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 'x', environment: ' a' } },
      422,
      'Validation Failed',
    ],
    [
      'a payload that is too large',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 'x', payload: { a: 'x'.repeat(20_000) } } },
      422,
      'Validation Failed',
    ],
    [
      'a ref that is too long',
      'POST',
      '/api/v3/repos/o/r/deployments',
      { body: { ref: 'x'.repeat(600) } },
      422,
      'Validation Failed',
    ],
    [
      'a status of nothing',
      'POST',
      '/api/v3/repos/o/r/deployments/1/statuses',
      { body: { state: 'success' } },
      404,
      'Not Found',
    ],
    [
      'a query that is no text',
      'POST',
      '/api/graphql',
      { body: {} },
      422,
      'Invalid request.\n\n"query" wasn\'t supplied.',
    ],
  ];
  const asObjects = refusals.map(([what, method, path, more, status, message]): Refused => ({
    what,
    sent: [method, path, more],
    told: [status, message],
  }));
  it.each(asObjects)('of $what is GitHub’s', async ({ sent: [method, path, more], told: [status, message] }) => {
    const { body, ...rest } = more;
    const answered = await ask(method, path, body, rest);
    expect([answered.status, answered.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
    expect(answered.json).toMatchObject({ message, status: String(status), documentation_url: expect.any(String) });
    expect(answered.headers).toMatchObject({
      'x-github-request-id': expect.any(String),
      'x-ratelimit-limit': expect.any(String),
    });
  });

  it('names the member at fault', async () => {
    const { json: refused } = await ask('POST', '/api/v3/repos/o/r/deployments', {
      ref: 'x',
      environment: 'a '.repeat(200),
    });
    expect(refused.errors).toEqual([
      expect.objectContaining({ resource: 'Deployment', code: 'invalid', field: 'environment' }),
    ]);
  });
});
