import { describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../../../test/support/github.js';
import { API, TOKEN } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

const api = suiteServer();

const { ask, repository, create, report, statesOf, native } = githubClient(() => api);

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

  it('is taken from JSON that is said to be text, or nothing', async () => {
    const { path } = repository();
    const sent = [new TextEncoder().encode('{"ref":"main"}'), '{"ref":"main"}'].map((body) =>
      fetch(`${api.server.url}${path}/deployments`, {
        ...{ method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body },
      }),
    );
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([201, 201]);
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
