import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { speaker } from '../../../../../test/support/dialect.js';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  TOKEN,
  unique,
  type Loose,
  type TestServer,
} from '../../../../../test/support/server.js';
import { exchange } from '../../../../../test/support/wire.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

let database: TestDatabase;
let api: TestServer;
let ask: ReturnType<typeof speaker>;
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
  ask = speaker(api.server.url, TOKEN);
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

/** A repository of its own. */
const repository = (): { project: string; path: string } => {
  const project = `octocat/${unique('repo')}`;
  return { project, path: `/api/v3/repos/${project}` };
};
const create = async (path: string, body: object = {}): Promise<Loose> => {
  const made = await ask('POST', `${path}/deployments`, { ref: 'main', ...body });
  expect([made.status, made.body]).toEqual([201, expect.any(String)]);
  return made.json;
};
const report = (path: string, id: number, state: string, more: object = {}): Promise<Loose> =>
  ask('POST', `${path}/deployments/${id}/statuses`, { state, ...more });
const statesOf = async (path: string, id: number): Promise<string[]> =>
  (await ask('GET', `${path}/deployments/${id}/statuses`)).json.map(({ state }: Loose) => state);
/** The same deployment, natively. */
const native = async (id: number): Promise<Loose> => {
  const { position } = (await api.call(`${API}/status`)).body;
  return (await api.call(`${API}/deployments/${id}?min_position=${position}`)).body;
};

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
  it.each<[string, string, string, Loose, number, string]>([
    ['bad JSON', 'POST', '/api/v3/repos/o/r/deployments', { body: '{', headers: json }, 400, 'Problems parsing JSON'],
    ['an unknown route', 'GET', '/api/v3/nothing/here', {}, 404, 'Not Found'],
    ['an unknown route of github.com', 'GET', '/repos/o/r/nothing', {}, 404, 'Not Found'],
    ['a method that is not there', 'PATCH', '/api/v3/repos/o/r/deployments/1', { body: {} }, 404, 'Not Found'],
    ['a slash too many', 'GET', '/api/v3/repos/o/r/deployments/', {}, 404, 'Not Found'],
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
  ])('of %s is GitHub’s', async (_, method, path, more, status, message) => {
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

describe('a new deployment', () => {
  it('has the defaults of GitHub, and is planned here', async () => {
    const { project, path } = repository();
    const made = await ask('POST', `${path}/deployments`, { ref: 'topic', owner: 'octocat', repo: 'repo' });
    const { id } = made.json;
    const url = `${api.server.url}${path}/deployments/${id}`;
    expect(made.headers.location).toBe(url);
    expect(made.json).toEqual({
      url,
      id,
      node_id: `DE_${id}`,
      sha: '',
      ref: 'topic',
      task: 'deploy',
      payload: {},
      original_environment: 'production',
      environment: 'production',
      description: null,
      creator: expect.objectContaining({ login: 'admin', type: 'Bot', id: expect.any(Number) }),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: made.json.created_at,
      statuses_url: `${url}/statuses`,
      repository_url: `${api.server.url}${path}`,
      transient_environment: false,
      production_environment: true,
      performed_via_github_app: null,
      state: null,
      shiplog: { project, target: 'production', number: 1, status: 'scheduled', version: 'topic' },
    });
    expect((await ask('GET', `${path}/deployments/${id}`)).json).toEqual(made.json);
    expect((await ask('GET', `${path}/deployments`)).json).toEqual([made.json]);
    expect(await statesOf(path, id)).toEqual([]);
    const { body: target } = await api.call(`${API}/projects/${encodeURIComponent(project)}/targets/production`);
    expect(target).toMatchObject({ environmentType: 'production', repositories: [project], next: { id } });
  });

  it.each<[string, object, object, object]>([
    [
      'its sha',
      { ref: 'main', sha: SHA },
      { sha: SHA, ref: 'main' },
      { version: 'main', commitRefs: [{ branch: 'main', commit: SHA }] },
    ],
    [
      'its ref, which is one',
      { ref: SHA },
      { sha: SHA, ref: SHA },
      { version: SHA.slice(0, 12), commitRefs: [{ commit: SHA }] },
    ],
    [
      'its payload',
      { ref: 'refs/tags/v1', payload: { sha: SHA } },
      { sha: SHA, ref: 'refs/tags/v1', payload: { sha: SHA } },
      { version: 'v1' },
    ],
    [
      'nothing',
      { ref: 'refs/heads/topic/x' },
      { sha: '', ref: 'refs/heads/topic/x' },
      { version: 'topic/x', commitRefs: [] },
    ],
  ])('has the commit that %s says', async (_, body, shown, ours) => {
    const { path } = repository();
    const made = await create(path, body);
    expect(made).toMatchObject(shown);
    expect(await native(made.id)).toMatchObject(ours);
    // Neither is refused for want of a commit.
    expect((await report(path, made.id, 'in_progress')).status).toBe(201);
  });

  it.each<[string, unknown, unknown]>([
    ['an object', { a: [1] }, { a: [1] }],
    ['a text that is an object', '{"task":"deploy:migrate"}', { task: 'deploy:migrate' }],
    ['any other text', 'by hand', 'by hand'],
    ['an empty text', '', {}],
    ['null', null, {}],
  ])('shows as its payload %s', async (_, payload, shown) => {
    const { path } = repository();
    expect((await create(path, { payload })).payload).toEqual(shown);
  });

  it('keeps what only GitHub knows in a member of its own', async () => {
    const { path } = repository();
    const { id } = await create(path, {
      task: 'migrate',
      auto_merge: false,
      required_contexts: ['ci'],
      transient_environment: true,
      environment: 'qa',
    });
    expect((await native(id)).metadata).toEqual({
      github: {
        ref: 'main',
        task: 'migrate',
        auto_merge: false,
        required_contexts: ['ci'],
        transient_environment: true,
        production_environment: false,
      },
    });
  });

  it('is taken from a form that is JSON, by any address, and with its own links', async () => {
    const { project } = repository();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const made = await ask('POST', `/repos/${project}/deployments`, JSON.stringify({ ref: 'main' }), { headers });
    expect([made.status, made.json.url]).toEqual([
      201,
      `${api.server.url}/repos/${project}/deployments/${made.json.id}`,
    ]);
  });

  it('is made once by a key, whatever else happens, and the key is no other’s', async () => {
    const { path } = repository();
    const headers = { 'idempotency-key': 'build-1' };
    const [first, second] = await Promise.all(
      [1, 2].map(() => ask('POST', `${path}/deployments`, { ref: 'main' }, { headers })),
    );
    await report(path, first!.json.id, 'success');
    const third = await ask('POST', `${path}/deployments`, { ref: 'main' }, { headers });
    expect([second!.body, third.body]).toEqual([first!.body, first!.body]);
    expect((await ask('POST', `${path}/deployments`, { ref: 'other' }, { headers })).status).toBe(422);
    expect((await ask('GET', `${path}/deployments`)).json).toHaveLength(1);
  });

  it('without a key is another one each time, beside those under way', async () => {
    const { path } = repository();
    const [one, two] = [await create(path), await create(path, { ref: 'v2' })];
    for (const { id } of [one, two]) expect((await report(path, id, 'in_progress')).status).toBe(201);
    expect(await native(one.id)).toMatchObject({ status: 'canceled' });
    for (const { id } of [one, two]) expect((await report(path, id, 'success')).status).toBe(201);
    expect(await native(two.id)).toMatchObject({ status: 'current' });
    expect(await native(one.id)).toMatchObject({ status: 'completed' });
  });
});

describe('the list', () => {
  it('is filtered by sha, ref, task and environment; none and what is not known ask for nothing', async () => {
    const { path } = repository();
    const all = [
      await create(path, { ref: 'a', sha: SHA, environment: 'x' }),
      await create(path, { ref: 'b', task: 'migrate', environment: 'x' }),
      await create(path, { ref: 'refs/heads/c', environment: 'y' }),
    ].map(({ id }) => id);
    const found = async (query: string): Promise<number[]> =>
      (await ask('GET', `${path}/deployments?${query}`)).json.map(({ id }: Loose) => all.indexOf(id));
    expect(await found('')).toEqual([2, 1, 0]);
    expect(await found(`sha=${SHA}`)).toEqual([0]);
    expect(await found('ref=b')).toEqual([1]);
    expect(await found('ref=c')).toEqual([2]);
    expect(await found('ref=a')).toEqual([0]);
    expect(await found('task=migrate')).toEqual([1]);
    expect(await found('task=deploy')).toEqual([2, 0]);
    expect(await found('environment=x')).toEqual([1, 0]);
    expect(await found('environment=x&task=deploy')).toEqual([0]);
    expect(await found('sha=none&ref=none&task=none&environment=none&foo=bar')).toEqual([2, 1, 0]);
    expect(await found('environment=nowhere')).toEqual([]);
  });

  it('links its pages as GitHub does, absolutely and with all that was asked', async () => {
    const { path } = repository();
    for (let n = 0; n < 5; n += 1) await create(path, { ref: `v${n}`, environment: 'x' });
    const linksOf = async (query: string): Promise<string[]> => {
      const { headers } = await ask('GET', `${path}/deployments?${query}`);
      const link = headers.link as string | undefined;
      return link?.split(', ').map((each) => each.replace(`${api.server.url}${path}/deployments?`, '')) ?? [];
    };
    expect(await linksOf('environment=x&per_page=2')).toEqual([
      '<environment=x&per_page=2&page=2>; rel="next"',
      '<environment=x&per_page=2&page=3>; rel="last"',
    ]);
    expect(await linksOf('page=2&per_page=2')).toEqual([
      '<per_page=2&page=1>; rel="prev"',
      '<per_page=2&page=3>; rel="next"',
      '<per_page=2&page=3>; rel="last"',
      '<per_page=2&page=1>; rel="first"',
    ]);
    expect(await linksOf('page=3&per_page=2')).toEqual([
      '<per_page=2&page=2>; rel="prev"',
      '<per_page=2&page=1>; rel="first"',
    ]);
    expect(await linksOf('')).toEqual([]);
    expect((await ask('GET', `${path}/deployments?page=9&per_page=2`)).json).toEqual([]);
    expect((await ask('GET', `${path}/deployments?page=0&per_page=1000`)).json).toHaveLength(5);
  });

  it('answers 304 to those who have it, and only to them', async () => {
    const { path } = repository();
    const { id } = await create(path);
    for (const url of [`${path}/deployments`, `${path}/deployments/${id}`, `${path}/deployments/${id}/statuses`]) {
      const first = await ask('GET', url);
      const etag = first.headers.etag!;
      expect(await ask('GET', url, undefined, { headers: { 'if-none-match': etag } })).toMatchObject({
        status: 304,
        body: '',
      });
      expect((await ask('GET', url, undefined, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
    }
  });

  it('is the same under every media type', async () => {
    for (const accept of [
      'application/vnd.github.ant-man-preview+json, application/vnd.github.flash-preview+json',
      '*/*',
      'application/json',
      'text/html',
    ]) {
      const answered = await ask('GET', '/api/v3/repos/o/r/deployments', undefined, {
        headers: { accept, 'x-github-api-version': '2022-11-28' },
      });
      expect(answered).toMatchObject({ status: 200, json: [] });
    }
    const { headers } = await ask('GET', '/api/v3/user', undefined, {
      headers: { accept: 'application/vnd.github.flash-preview+json' },
    });
    expect(headers['x-github-media-type']).toBe('github.flash-preview; format=json');
  });
});

describe('a deployment of others', () => {
  it('is shown with what comes nearest, its statuses by what became of it, its project under any owner', async () => {
    const { project, path } = await newTarget(api);
    const refs = [{ repository: 'shop', branch: 'release', commit: 'abc1234' }];
    const started = await api.call(`${path}/start`, {
      body: { version: '1.4.0', commitRefs: refs, metadata: { by: 'hand' } },
    });
    const { id } = started.body.deployment;
    await api.call(`${path}/finish`, { body: { commitRefs: refs } });
    await native(id);
    const repo = `/api/v3/repos/-/${project}`;
    expect((await ask('GET', `${repo}/deployments`)).json).toEqual([
      expect.objectContaining({
        id,
        ref: 'release',
        sha: 'abc1234',
        payload: {},
        task: 'deploy',
        state: 'success',
        production_environment: true,
      }),
    ]);
    expect(await statesOf(repo, id)).toEqual(['success', 'in_progress']);
    await report(repo, id, 'inactive', { description: 'gone' });
    expect(await native(id)).toMatchObject({
      status: 'retired',
      metadata: { by: 'hand', github: { status: { state: 'inactive' } } },
    });
    expect(await statesOf(repo, id)).toEqual(['inactive', 'success', 'in_progress']);
  });

  it('shows as an error what failed by time-out, as a failure what was reported', async () => {
    const timeOuts = { settings: { failing: { enabled: true, afterMinutes: 0.002 } } };
    const { project, path } = await newTarget(api, timeOuts);
    const late = (await api.call(`${path}/start`, { body: { version: '1' } })).body.deployment;
    while ((await native(late.id)).status !== 'failed') await new Promise((resolve) => setTimeout(resolve, 20));
    const failed = (await api.call(`${path}/fail`, { body: { version: '2' } })).body.deployment;
    await native(failed.id);
    expect(await statesOf(`/api/v3/repos/-/${project}`, late.id)).toEqual(['error', 'in_progress']);
    expect(await statesOf(`/api/v3/repos/-/${project}`, failed.id)).toEqual(['failure']);
  });

  it('waits where its target asks for approval: started by nobody before, finished all the same', async () => {
    const { project, path } = repository();
    await ask('PUT', `${path}/environments/gated`, { reviewers: [{ type: 'User', id: 1 }] });
    const { id, state } = await create(path, { environment: 'gated' });
    expect(state).toBe('waiting');
    expect((await report(path, id, 'in_progress')).json).toMatchObject({
      message: 'Validation Failed',
      errors: [{ resource: 'DeploymentStatus', field: 'state', code: 'custom' }],
    });
    const place = `${API}/projects/${encodeURIComponent(project)}/targets/gated/deployments/1`;
    await api.call(`${place}/approve`, { body: {} });
    expect(await native(id)).toMatchObject({ status: 'scheduled' });
    expect((await report(path, id, 'in_progress')).status).toBe(201);
    expect(await statesOf(path, id)).toEqual(['in_progress', 'queued', 'waiting']);
  });
});

describe('GraphQL', () => {
  const query = (text: string, variables: object = {}) => ask('POST', '/api/graphql', { query: text, variables });

  it('pages as DevLake asks', async () => {
    const { project, path } = repository();
    const [owner, name] = project.split('/');
    for (let n = 0; n < 3; n += 1) {
      const { id } = await create(path, { ref: `v${n}`, sha: SHA, payload: { n }, environment: 'staging' });
      await report(path, id, n === 2 ? 'in_progress' : 'success');
    }
    const text = `query($owner: String!, $name: String!, $after: String) { rateLimit { cost } repository(owner: $owner, name: $name) {
      deployments(first: 2, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount pageInfo { endCursor hasNextPage }
        nodes { task id commitOid environment state databaseId description payload ref { id name prefix } statuses(first: 100) { nodes { state updatedAt } }
          latestStatus { id state updatedAt } repository { id name url } createdAt updatedAt commit { oid message author { name email } committedDate } } } } }`;
    const { json: first } = await query(text, { owner, name });
    const { deployments } = first.data.repository;
    expect(deployments).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(deployments.nodes).toEqual([
      expect.objectContaining({
        state: 'IN_PROGRESS',
        commitOid: SHA,
        payload: '{"n":2}',
        ref: expect.objectContaining({ name: 'v2' }),
      }),
      expect.objectContaining({ state: 'ACTIVE', latestStatus: expect.objectContaining({ state: 'SUCCESS' }) }),
    ]);
    const { json: second } = await query(text, { owner, name, after: deployments.pageInfo.endCursor });
    expect(second.data.repository.deployments).toMatchObject({
      pageInfo: { hasNextPage: false },
      nodes: [{ state: 'INACTIVE', statuses: { nodes: [{ state: 'INACTIVE' }, { state: 'SUCCESS' }] } }],
    });
  });

  it.each([
    ['what is no query', 'nonsense {', /^Syntax Error/],
    ['a field that is not there', '{ nothing }', /^Cannot query field "nothing"/],
    [
      'lists without a length',
      '{ repository(owner: "o", name: "r") { deployments { totalCount } } }',
      /`first` or `last`/,
    ],
    [
      'a cursor that is none',
      '{ repository(owner: "o", name: "r") { deployments(first: 1, after: "x") { totalCount } } }',
      /valid cursor/,
    ],
    [
      'too much at once',
      '{ repository(owner: "o", name: "r") { deployments(first: 101) { totalCount } } }',
      /0 to 100/,
    ],
    [
      'lists within lists',
      `{ ${Array.from({ length: 6 }, (_, n) => `r${n}: repository(owner: "o", name: "r") { deployments(first: 1) { totalCount } }`).join(' ')} }`,
      /more than 10 lists/,
    ],
  ])('tells of %s with 200', async (_, text, message) => {
    const answered = await query(text);
    expect([answered.status, answered.json.errors[0].message]).toEqual([200, expect.stringMatching(message)]);
  });

  it('shows a repository to nobody who does not reach it', async () => {
    const { project, path } = repository();
    await create(path);
    const [owner, name] = project.split('/');
    const { token } = await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'] });
    const answered = await ask(
      'POST',
      '/api/graphql',
      { query: `{ repository(owner: "${owner}", name: "${name}") { id } }` },
      { token },
    );
    expect(answered.json).toEqual({
      data: { repository: null },
      errors: [
        expect.objectContaining({
          type: 'NOT_FOUND',
          message: `Could not resolve to a Repository with the name '${project}'.`,
        }),
      ],
    });
  });
});
