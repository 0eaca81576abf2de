import { describe, expect, it } from '@jest/globals';
import { Gitlab } from '@gitbeaker/rest';
import { gitlabClient, SHA, shaOf } from '../../../../../test/support/gitlab.js';
import { TOKEN } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';

const api = storyServer();

const { aProject, ask, currentOf } = gitlabClient(() => api);
const client = (token = TOKEN) => new Gitlab({ host: api.server.url, token });

describe('@gitbeaker/rest', () => {
  it('tells its whole story: running, succeeded, replaced, deleted', async () => {
    const { project } = aProject();
    const { Deployments } = client();
    const first = await Deployments.create(project, 'staging', SHA, 'main', false, { status: 'running' });
    expect(first).toMatchObject({
      ref: 'main',
      sha: SHA,
      status: 'running',
      deployable: null,
      environment: { name: 'staging', slug: 'staging', external_url: null },
      user: { username: 'admin', state: 'active' },
    });
    expect(await Deployments.edit(project, first.id, 'success')).toMatchObject({ id: first.id, status: 'success' });
    expect(await currentOf(project, 'staging')).toMatchObject({
      id: first.id,
      version: 'main',
      commitRefs: [{ repository: project, branch: 'main', commit: SHA }],
    });
    const second = await Deployments.create(project, 'staging', shaOf(2), 'v2', true, { status: 'success' });
    expect(await currentOf(project, 'staging')).toMatchObject({ id: second.id, version: 'v2' });
    expect(await Deployments.show(project, first.id)).toMatchObject({ id: first.id, status: 'success' });
    expect((await Deployments.all(project)).map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(await Deployments.allMergeRequests(project, first.id)).toEqual([]);
    await expect(Deployments.remove(project, second.id)).rejects.toThrow(
      'Deployment currently deployed to environment',
    );
    await Deployments.remove(project, first.id);
    await expect(Deployments.show(project, first.id)).rejects.toThrow('404 Deployment Not Found');
  });

  it('goes through all pages, in order and each once, by its links and by their numbers', async () => {
    const { project } = aProject();
    const { Deployments } = client();
    for (let n = 0; n < 7; n += 1)
      await Deployments.create(project, n % 2 ? 'a' : 'b', shaOf(n), `v${n}`, false, { status: 'success' });
    const refs = (all: ReadonlyArray<{ ref: string }>) => all.map(({ ref }) => ref);
    expect(refs(await Deployments.all(project, { perPage: 2 }))).toEqual(['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6']);
    expect(refs(await Deployments.all(project, { perPage: 2, environment: 'a', sort: 'desc' }))).toEqual([
      'v5',
      'v3',
      'v1',
    ]);
    const { data, paginationInfo } = await Deployments.all(project, {
      perPage: 3,
      page: 2,
      maxPages: 1,
      showExpanded: true,
      orderBy: 'iid',
    });
    expect(refs(data)).toEqual(['v3', 'v4', 'v5']);
    expect(paginationInfo).toEqual({ total: 7, next: 3, current: 2, previous: 1, perPage: 3, totalPages: 3 });
  });

  it('goes by the number of the project', async () => {
    const { project } = aProject();
    const { Projects, Deployments } = client();
    const { id, path_with_namespace } = await Projects.show(project);
    expect([path_with_namespace, Number.isSafeInteger(id)]).toEqual([project, true]);
    const made = await Deployments.create(id, 'production', SHA, 'main', false, { status: 'success' });
    expect(await currentOf(project)).toMatchObject({ id: made.id });
    expect((await Projects.show(id)).path_with_namespace).toBe(project);
    expect((await Deployments.all(id)).map((each) => each.id)).toEqual([made.id]);
  });

  it('makes, finds, changes, stops and deletes environments', async () => {
    const { project } = aProject();
    const { Environments, Deployments } = client();
    const made = await Environments.create(project, 'review/feature-1', { externalUrl: 'https://one.example' });
    expect(made).toMatchObject({ name: 'review/feature-1', state: 'available', external_url: 'https://one.example' });
    expect(made['slug']).toMatch(/^review-feature-1-[0-9a-z]{6}$/);
    const edited = await Environments.edit(project, made.id, { externalUrl: 'https://two.example', tier: 'testing' });
    expect(edited).toMatchObject({ external_url: 'https://two.example', tier: 'testing' });
    const { id } = await Deployments.create(project, 'review/feature-1', SHA, 'main', false, { status: 'success' });
    expect(await Environments.show(project, made.id)).toMatchObject({ id: made.id, last_deployment: { id } });
    await expect(Environments.remove(project, made.id)).rejects.toThrow('403 Forbidden');
    expect(await Environments.stop(project, made.id)).toMatchObject({ state: 'stopped' });
    expect(await currentOf(project, 'review/feature-1')).toBeUndefined();
    expect(await Environments.all(project, { states: 'stopped' })).toHaveLength(1);
    expect(await Environments.all(project, { states: 'available' })).toEqual([]);
    await Environments.remove(project, made.id);
    expect(await Environments.all(project)).toEqual([]);
  });

  it('approves what waits for it', async () => {
    const { project, path } = aProject();
    const { Deployments } = client();
    await Deployments.create(project, 'production', SHA, 'v1', false, { status: 'success' });
    await api.call(`/api/v1/projects/${encodeURIComponent(project)}/targets/production`, {
      method: 'PATCH',
      body: { settings: { approvals: [{ name: 'release', required: 1 }] } },
    });
    const waiting = await Deployments.create(project, 'production', shaOf(2), 'v2', false, { status: 'running' });
    expect(waiting).toMatchObject({ status: 'blocked', pending_approval_count: 1 });
    const decision = { comment: 'Looks good', representedAs: 'release' };
    expect(await Deployments.setApproval(project, waiting.id, 'approved', decision)).toMatchObject({
      status: 'approved',
      comment: 'Looks good',
      user: { username: 'admin' },
    });
    expect(await Deployments.show(project, waiting.id)).toMatchObject({
      status: 'created',
      pending_approval_count: 0,
      approvals: [{ status: 'approved', comment: 'Looks good', user: { username: 'admin' } }],
      approval_summary: { rules: [{ access_level_description: 'release', required_approvals: 1 }] },
    });
    expect(await Deployments.edit(project, waiting.id, 'running')).toMatchObject({ status: 'running' });
    await expect(Deployments.setApproval(project, waiting.id, 'approved')).rejects.toThrow(
      'This deployment is not waiting for approvals.',
    );
    expect((await ask('GET', `${path}/deployments?status=running`)).json).toHaveLength(1);
  });

  it('signs in by every token that it knows, and throws what is refused in GitLab’s words', async () => {
    const host = api.server.url;
    for (const by of [{ token: TOKEN }, { jobToken: TOKEN }, { oauthToken: TOKEN }])
      expect(await new Gitlab({ host, ...by }).Users.showCurrentUser()).toMatchObject({ username: 'admin' });
    expect(await client().Metadata.show()).toMatchObject({ version: '17.0.0', revision: 'shiplog' });
    await expect(client('nobody').Users.showCurrentUser()).rejects.toThrow('401 Unauthorized');
    const { project } = aProject();
    const { Deployments } = client();
    await expect(Deployments.all(project, { updatedAfter: '2026-01-01T00:00:00Z' })).rejects.toThrow(
      '`updated_at` filter requires `updated_at` sort',
    );
    const { id } = await Deployments.create(project, 'production', SHA, 'main', false, { status: 'failed' });
    await expect(Deployments.edit(project, id, 'running')).rejects.toThrow(
      '{"status":["cannot transition via \\"run\\""]}',
    );
  });
});
