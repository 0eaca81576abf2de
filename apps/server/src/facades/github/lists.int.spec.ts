import { describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../../../test/support/github.js';
import { API, type Loose, newTarget } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

const api = suiteServer();

const { ask, repository, create, report, statesOf, native } = githubClient(() => api);

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

  it('finds what was made of a tag alone by the ref that it shows', async () => {
    const { path } = repository();
    const { id, ref } = await create(path, { ref: 'refs/tags/v1', environment: 'x' });
    expect(ref).toBe('refs/tags/v1');
    for (const asked of ['refs/tags/v1', 'v1', 'refs/tags/v2'])
      expect((await ask('GET', `${path}/deployments?ref=${asked}`)).json.map((each: Loose) => each.id)).toEqual(
        asked === 'refs/tags/v2' ? [] : [id],
      );
  });

  it.each(['environment=%00', 'ref=a%00b', 'sha=%00', 'task=%00'])(
    'refuses %s, which nothing can have',
    async (query) => {
      expect((await ask('GET', `${repository().path}/deployments?${query}`)).status).toBe(422);
    },
  );

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
    await until(async () => (await native(late.id)).status === 'failed');
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
