import { describe, expect, it } from '@jest/globals';
import { getOctokit } from '@actions/github';
import { Octokit } from '@octokit/rest';
import { API, TOKEN, unique } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';

const api = storyServer();

const owner = 'octocat';
/** Repositories of their own. */
const story = unique('story');
const action = unique('action');
/** It writes a line about each refusal, which some of these are after. */
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const rest = (auth = TOKEN): Octokit => new Octokit({ auth, baseUrl: `${api.server.url}/api/v3`, log: quiet });
const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';

/** What is current on a target, natively. */
const currentOf = async (repo: string, target: string): Promise<{ version: string; number: number } | undefined> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const project = encodeURIComponent(`${owner}/${repo}`);
  const { body } = await api.call(`${API}/current?project=${project}&min_position=${position}`);
  return body.items.find((each: { target: string }) => each.target === target);
};

describe('@octokit/rest', () => {
  it('tells its whole story: created, queued, in progress, succeeded, replaced', async () => {
    const octokit = rest();
    const of = { owner, repo: story };
    const { status, data, headers } = await octokit.rest.repos.createDeployment({
      ...of,
      ref: 'main',
      environment: 'staging',
      auto_merge: false,
      required_contexts: [],
      payload: JSON.stringify({ sha: SHA, by: 'a pipeline' }),
      description: 'The first',
      transient_environment: false,
      production_environment: false,
    });
    if (status !== 201) throw new Error('Not created');
    expect(headers.location).toBe(data.url);
    expect(data).toMatchObject({
      ref: 'main',
      sha: SHA,
      task: 'deploy',
      environment: 'staging',
      payload: { by: 'a pipeline' },
    });
    const deployment_id = data.id;
    const states = ['queued', 'in_progress', 'success'] as const;
    for (const state of states) {
      const made = await octokit.rest.repos.createDeploymentStatus({
        ...of,
        deployment_id,
        state,
        description: `It is ${state}`,
        log_url: 'https://ci.example/1',
        environment_url: '',
      });
      expect(made.status).toBe(201);
      expect(made.data).toMatchObject({ state, log_url: 'https://ci.example/1', environment: 'staging' });
    }
    expect(await currentOf(story, 'staging')).toMatchObject({ version: 'main', number: 1 });
    const listed = await octokit.paginate(octokit.rest.repos.listDeploymentStatuses, {
      ...of,
      deployment_id,
      per_page: 2,
    });
    expect(listed.map(({ state }) => state)).toEqual(['success', 'in_progress', 'queued']);
    const one = await octokit.rest.repos.getDeploymentStatus({ ...of, deployment_id, status_id: listed[0]!.id });
    expect(one.data).toEqual(listed[0]);
    const second = await octokit.rest.repos.createDeployment({
      ...of,
      ref: 'v2',
      environment: 'staging',
      required_contexts: [],
    });
    const id = (second.data as { id: number }).id;
    await octokit.rest.repos.createDeploymentStatus({ ...of, deployment_id: id, state: 'success' });
    const after = await octokit.rest.repos.listDeploymentStatuses({ ...of, deployment_id });
    expect(after.data.map(({ state }) => state)).toEqual(['inactive', 'success', 'in_progress', 'queued']);
    expect(await currentOf(story, 'staging')).toMatchObject({ version: 'v2', number: 2 });
  });

  it('goes through all pages, in order and each once', async () => {
    const octokit = rest();
    const of = { owner, repo: unique('pages') };
    for (let n = 0; n < 7; n += 1)
      await octokit.rest.repos.createDeployment({
        ...of,
        ref: `v${n}`,
        environment: n % 2 ? 'a' : 'b',
        required_contexts: [],
      });
    const all = await octokit.paginate(octokit.rest.repos.listDeployments, { ...of, per_page: 2 });
    expect(all.map(({ ref }) => ref)).toEqual(['v6', 'v5', 'v4', 'v3', 'v2', 'v1', 'v0']);
    const some = await octokit.paginate(octokit.rest.repos.listDeployments, { ...of, environment: 'a', per_page: 2 });
    expect(some.map(({ ref }) => ref)).toEqual(['v5', 'v3', 'v1']);
    const first = await octokit.rest.repos.listDeployments({ ...of, environment: 'a', per_page: 2 });
    expect(first.headers.link).toBe(
      `<${api.server.url}/api/v3/repos/octocat/${of.repo}/deployments?environment=a&per_page=2&page=2>; rel="next", ` +
        `<${api.server.url}/api/v3/repos/octocat/${of.repo}/deployments?environment=a&per_page=2&page=2>; rel="last"`,
    );
  });

  it('throws what the service refuses, with GitHub’s words', async () => {
    const octokit = rest();
    const missing = octokit.rest.repos.getDeployment({ owner, repo: story, deployment_id: 999_999 });
    await expect(missing).rejects.toMatchObject({ status: 404, message: expect.stringContaining('Not Found') });
    await expect(rest('nobody').rest.users.getAuthenticated()).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining('Bad credentials'),
    });
  });

  it('reads who it is, how much it may ask, what the repository is, and environments', async () => {
    const octokit = rest();
    expect((await octokit.rest.users.getAuthenticated()).data).toMatchObject({ login: 'admin', type: 'Bot' });
    const named = (username: string, by = octokit) => by.rest.users.getByUsername({ username });
    expect((await named('admin')).data).toMatchObject({ login: 'admin', type: 'Bot' });
    const name = unique('elsewhere');
    const body = { name, scopes: ['deployments:read'], projects: ['elsewhere/repo'] };
    const elsewhere = rest((await api.call(`${API}/tokens`, { body })).body.token);
    expect((await named(name, elsewhere)).data).toMatchObject({ login: name });
    // Who did nothing that this token reaches is as little there as nobody.
    for (const nobody of ['admin', 'nobody', 'a\u0000b'])
      await expect(named(nobody, elsewhere)).rejects.toMatchObject({ status: 404 });
    expect((await octokit.rest.meta.root()).data.current_user_url).toBe(`${api.server.url}/api/v3/user`);
    expect((await octokit.rest.rateLimit.get()).data.rate.remaining).toBeGreaterThan(0);
    expect((await octokit.rest.repos.get({ owner, repo: story })).data).toMatchObject({
      full_name: `octocat/${story}`,
    });
    const of = { owner, repo: story };
    const { data } = await octokit.rest.repos.createOrUpdateEnvironment({
      ...of,
      environment_name: 'review/7',
      reviewers: null,
    });
    expect(data).toMatchObject({ name: 'review/7', protection_rules: [] });
    const all = await octokit.rest.repos.getAllEnvironments(of);
    expect(all.data.environments?.map(({ name }) => name)).toEqual(['review/7', 'staging']);
    await octokit.rest.repos.deleteAnEnvironment({ ...of, environment_name: 'review/7' });
    await expect(octokit.rest.repos.getEnvironment({ ...of, environment_name: 'review/7' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('deletes what is not active, and the only one whatever it is', async () => {
    const octokit = rest();
    const of = { owner, repo: unique('deleted') };
    const create = async (state: 'success' | 'in_progress'): Promise<number> => {
      const { data } = await octokit.rest.repos.createDeployment({ ...of, ref: `v-${state}`, required_contexts: [] });
      const deployment_id = (data as { id: number }).id;
      await octokit.rest.repos.createDeploymentStatus({ ...of, deployment_id, state });
      return deployment_id;
    };
    const [active, running] = [await create('success'), await create('in_progress')];
    const refused = octokit.rest.repos.deleteDeployment({ ...of, deployment_id: active });
    await expect(refused).rejects.toMatchObject({
      status: 422,
      response: {
        data: {
          message: 'Validation Failed',
          errors: ['We cannot delete an active deployment unless it is the only deployment in a given environment.'],
        },
      },
    });
    expect((await octokit.rest.repos.deleteDeployment({ ...of, deployment_id: running })).status).toBe(204);
    expect(await currentOf(of.repo, 'production')).toMatchObject({ number: 1 });
    expect((await octokit.rest.repos.deleteDeployment({ ...of, deployment_id: active })).status).toBe(204);
    expect(await currentOf(of.repo, 'production')).toBeUndefined();
    expect((await octokit.rest.repos.listDeployments(of)).data).toEqual([]);
  });
});

describe('@actions/github', () => {
  it('does what deployment actions do', async () => {
    const octokit = getOctokit(TOKEN, { baseUrl: `${api.server.url}/api/v3` });
    const of = { owner, repo: action };
    // As chrnorm/deployment-action sends it.
    const { data } = await octokit.rest.repos.createDeployment({
      ...of,
      ref: 'refs/heads/main',
      required_contexts: [],
      environment: 'production',
      transient_environment: false,
      auto_merge: false,
      production_environment: true,
      task: 'deploy',
      payload: {},
      description: '',
      ...{ sha: SHA },
    });
    if (!('id' in data)) throw new Error(data.message);
    const status = await octokit.rest.repos.createDeploymentStatus({
      ...of,
      deployment_id: data.id,
      state: 'success',
      description: '',
      log_url: `https://github.com/octocat/example/commit/${SHA}/checks`,
      environment_url: '',
    });
    expect(status.data.state).toBe('success');
    expect(await currentOf(action, 'production')).toMatchObject({ version: 'main', commitRefs: [{ commit: SHA }] });
    // As bobheadxi/deployments deactivates an environment.
    for (const { id: deployment_id } of (await octokit.rest.repos.listDeployments({ ...of, environment: 'production' }))
      .data) {
      const last = await octokit.rest.repos.listDeploymentStatuses({ ...of, deployment_id, per_page: 1 });
      expect(last.data[0]!.state).toBe('success');
      await octokit.rest.repos.createDeploymentStatus({ ...of, deployment_id, state: 'inactive' });
      expect(
        (await octokit.rest.repos.listDeploymentStatuses({ ...of, deployment_id })).data.map(({ state }) => state),
      ).toEqual(['inactive', 'success']);
    }
    expect(await currentOf(action, 'production')).toBeUndefined();
  });

  it('asks by GraphQL for deployments with their latest status', async () => {
    const octokit = getOctokit(TOKEN, { baseUrl: `${api.server.url}/api/v3` });
    const query = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {
      deployments(last: 5, environments: ["production"]) { nodes {
        state environment updatedAt commit { abbreviatedOid commitUrl } statuses(last: 1) { nodes { logUrl } }
        creator { login } repository { nameWithOwner } payload latestStatus { state } } } } }`;
    const { repository } = await octokit.graphql<{ repository: { deployments: { nodes: object[] } } }>(query, {
      owner,
      name: action,
    });
    expect(repository.deployments.nodes).toEqual([
      expect.objectContaining({ state: 'INACTIVE', latestStatus: { state: 'INACTIVE' }, creator: { login: 'admin' } }),
    ]);
  });
});
