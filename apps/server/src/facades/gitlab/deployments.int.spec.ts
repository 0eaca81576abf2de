import { describe, expect, it } from '@jest/globals';
import { gitlabClient, SHA, shaOf } from '../../../../../test/support/gitlab.js';
import { API, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';

const api = suiteServer();

const { ask, aProject, create, report, native, currentOf } = gitlabClient(() => api);
const targetOf = (project: string, key = 'production') =>
  `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(key)}`;
const statesIn = async (path: string): Promise<Array<[number, string]>> =>
  (await ask('GET', `${path}/deployments?per_page=100`)).json.map(({ id, status }: Loose) => [id, status]);

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const asked = { environment: 'review/7', sha: SHA, ref: 'v1', tag: 'false', status: 'running' };
const query = new URLSearchParams(asked).toString();

describe('a new deployment', () => {
  it.each([
    ['JSON', '', { ...asked, tag: false }, {}],
    ['JSON of texts', '', asked, {}],
    ['JSON that says that it is a form', '', JSON.stringify(asked), FORM],
    ['a form', '', query, FORM],
    ['the query alone', `?${query}`, undefined, {}],
    ['the query, and an empty body of a type', `?${query}`, '', { 'content-type': 'application/json' }],
    ['both, of which the body counts', `?${query.replace('v1', 'v2')}`, { ref: 'v1' }, {}],
  ])('is taken as %s', async (_, search, body, headers) => {
    const { path, project } = aProject();
    const made = await ask('POST', `${path}/deployments${search}`, body, { headers });
    expect([made.status, made.json.ref, made.json.status]).toEqual([201, 'v1', 'running']);
    expect(await native(made.json.id)).toMatchObject({
      status: 'deploying',
      version: 'v1',
      target: 'review/7',
      commitRefs: [{ repository: project, branch: 'v1', commit: SHA }],
      metadata: { gitlab: { tag: false } },
    });
  });

  it.each([
    ['true', true],
    ['1', true],
    [true, true],
    ['false', false],
    ['0', false],
    ['False', false],
  ])('is of a tag, or not, as %p says', async (tag, isTag) => {
    const { path } = aProject();
    const { id } = await create(path, { tag });
    expect((await native(id)).metadata).toEqual({ gitlab: { tag: isTag } });
  });

  it('is found by whoever asks next, with all that GitLab shows', async () => {
    const { path, project } = aProject();
    const made = await create(path, { ref: 'refs/tags/v1.4.0', tag: true });
    const { id } = made;
    expect(made).toEqual({
      id,
      iid: id,
      ref: 'refs/tags/v1.4.0',
      sha: SHA,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: made.created_at,
      user: {
        id: expect.any(Number),
        username: 'admin',
        public_email: '',
        name: 'admin',
        state: 'active',
        locked: false,
        avatar_url: null,
        web_url: `${api.server.url}/admin`,
      },
      environment: {
        id: expect.any(Number),
        name: 'production',
        slug: 'production',
        external_url: null,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
      deployable: null,
      status: 'success',
      pending_approval_count: 0,
      approvals: [],
      approval_summary: { rules: [] },
      shiplog: { project, target: 'production', number: 1, status: 'current', version: 'v1.4.0' },
    });
    expect((await ask('GET', `${path}/deployments/${id}`)).json).toEqual(made);
    const { approval_summary: _, ...listed } = made;
    expect((await ask('GET', `${path}/deployments`)).json).toEqual([listed]);
  });

  it('in each state is one of its own, though another of its branch is in flight', async () => {
    const { path } = aProject();
    const running = await create(path, { status: 'running' });
    const made = [
      await create(path, { status: 'success', sha: shaOf(2) }),
      await create(path, { status: 'failed', sha: shaOf(3) }),
      await create(path, { status: 'canceled', sha: shaOf(4) }),
    ];
    expect(await statesIn(path)).toEqual([
      [running.id, 'running'],
      ...made.map(({ id, status }: Loose) => [id, status]),
    ]);
    expect(made.map(({ status }) => status)).toEqual(['success', 'failed', 'canceled']);
  });

  it('is one of its own, though another of its branch failed by time-out', async () => {
    const { path, project } = aProject();
    const settings = { failing: { enabled: true, afterMinutes: 0.002 } };
    const made = { key: 'production', repositories: [project], settings };
    await api.call(`${API}/projects/${encodeURIComponent(project)}/targets`, { body: made });
    const late = await create(path, { status: 'running' });
    await until(async () => (await native(late.id)).status === 'failed');
    const [done, broken] = [
      await create(path, { sha: shaOf(2) }),
      await create(path, { status: 'failed', sha: shaOf(3) }),
    ];
    expect(await statesIn(path)).toEqual([
      [late.id, 'failed'],
      [done.id, 'success'],
      [broken.id, 'failed'],
    ]);
    expect(await currentOf(project)).toMatchObject({ id: done.id, commitRefs: [{ commit: shaOf(2) }] });
  });

  it('supersedes what is in flight, whose late end counts all the same', async () => {
    const { path, project } = aProject();
    const [first, second] = [
      await create(path, { status: 'running' }),
      await create(path, { status: 'running', sha: shaOf(2) }),
    ];
    expect(await statesIn(path)).toEqual([
      [first.id, 'canceled'],
      [second.id, 'running'],
    ]);
    expect((await report(path, first.id, 'failed')).json).toMatchObject({ id: first.id, status: 'failed' });
    expect((await ask('GET', `${path}/deployments?status=failed`)).json).toHaveLength(1);
    expect((await ask('GET', `${path}/deployments?status=canceled`)).json).toEqual([]);
    expect((await report(path, first.id, 'canceled')).json.status).toBe('canceled');
    expect((await report(path, first.id, 'success')).json.status).toBe('success');
    expect(await currentOf(project)).toMatchObject({ id: first.id });
    expect((await report(path, second.id, 'success')).json.status).toBe('success');
    expect(await currentOf(project)).toMatchObject({ id: second.id });
  });

  it('fulfils the one that was planned natively for its commit', async () => {
    const { path, project } = aProject();
    await create(path);
    const commitRefs = [{ repository: project, branch: 'main', commit: shaOf(2) }];
    const body = { version: '1.4.0', commitRefs, metadata: { ticket: 'X' } };
    const planned = (await api.call(`${targetOf(project)}/schedule`, { body })).body.deployment;
    expect(await create(path, { sha: shaOf(2) })).toMatchObject({ id: planned.id, status: 'success' });
    const { version, metadata } = (await api.call(`/api/v1/deployments/${planned.id}`)).body;
    expect([version, metadata]).toEqual(['1.4.0', { ticket: 'X' }]);
  });
});

describe('a job that runs', () => {
  it('begins the one that was planned for its commit, where its environment asks for a plan', async () => {
    const { path, project } = aProject();
    await create(path);
    await api.call(targetOf(project), { method: 'PATCH', body: { settings: { requireSchedule: true } } });
    const commitRefs = [{ repository: project, branch: 'main', commit: shaOf(2) }];
    const body = { version: '1.4.0', commitRefs, metadata: { ticket: 'X' } };
    const planned = (await api.call(`${targetOf(project)}/schedule`, { body })).body.deployment;
    expect(await create(path, { sha: shaOf(2), status: 'running' })).toMatchObject({
      id: planned.id,
      status: 'running',
    });
    const { version, metadata } = (await api.call(`/api/v1/deployments/${planned.id}`)).body;
    expect([version, metadata]).toEqual(['1.4.0', { ticket: 'X' }]);
  });

  it('begins the one that was approved since it ran last', async () => {
    const { path, project } = aProject();
    await create(path);
    const settings = { approvals: [{ name: 'qa', required: 1 }] };
    await api.call(targetOf(project), { method: 'PATCH', body: { settings } });
    const waiting = await create(path, { status: 'running', ref: 'v2' });
    await ask('POST', `${path}/deployments/${waiting.id}/approval`, { status: 'approved' });
    expect(await create(path, { status: 'running', ref: 'v2' })).toMatchObject({ id: waiting.id, status: 'running' });
  });
});

describe('a deployment', () => {
  it('is deleted unless it is running or what runs', async () => {
    const { path } = aProject();
    const [failed, current, running] = [
      await create(path, { status: 'failed' }),
      await create(path, { ref: 'v2' }),
      await create(path, { status: 'running', ref: 'v3' }),
    ];
    // As GitBeaker sends it.
    const remove = (id: number) =>
      ask('DELETE', `${path}/deployments/${id}`, {}, { headers: { 'content-length': '2' } });
    expect(await remove(running.id)).toMatchObject({
      status: 400,
      json: { message: 'Cannot destroy running deployment' },
    });
    expect(await remove(current.id)).toMatchObject({
      status: 400,
      json: { message: 'Deployment currently deployed to environment' },
    });
    expect(await remove(failed.id)).toMatchObject({ status: 204, body: '' });
    expect(await remove(failed.id)).toMatchObject({ status: 404, json: { message: '404 Deployment Not Found' } });
    expect(await statesIn(path)).toHaveLength(2);
  });

  it('waits where its environment asks for approval, until it was approved or rejected', async () => {
    const { path, project } = aProject();
    await create(path);
    const settings = {
      approvals: [
        { name: 'qa', required: 1 },
        { name: 'ops', required: 1 },
      ],
    };
    await api.call(targetOf(project), { method: 'PATCH', body: { settings } });
    const waiting = await create(path, { status: 'running', ref: 'v2' });
    expect(waiting).toMatchObject({ status: 'blocked', pending_approval_count: 2 });
    expect((await create(path, { status: 'running', ref: 'v2' })).id).toBe(waiting.id);
    expect((await report(path, waiting.id, 'running')).status).toBe(400);
    const decide = (id: number, body: object) => ask('POST', `${path}/deployments/${id}/approval`, body);
    expect(await decide(waiting.id, { status: 'approved', represented_as: 'nobody' })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('There are no approval rules') },
    });
    expect(await decide(waiting.id, {})).toMatchObject({ status: 400, json: { error: 'status is missing' } });
    const given = await decide(waiting.id, { status: 'approved', represented_as: 'ops', comment: 'Fine' });
    expect([given.status, Object.keys(given.json)]).toEqual([201, ['user', 'status', 'created_at', 'comment']]);
    const [shown] = (await ask('GET', `${path}/deployments?status=blocked`)).json;
    expect(shown).toMatchObject({ pending_approval_count: 1, approvals: [{ status: 'approved', comment: 'Fine' }] });
    expect((await decide(waiting.id, { status: 'rejected', comment: 'No' })).json).toMatchObject({
      status: 'rejected',
    });
    expect((await ask('GET', `${path}/deployments/${waiting.id}`)).json).toMatchObject({
      status: 'canceled',
      approvals: [{ status: 'approved' }, { status: 'rejected', comment: 'No' }],
      approval_summary: {
        rules: [
          { access_level_description: 'qa', deployment_approvals: [] },
          { access_level_description: 'ops', deployment_approvals: [{ status: 'approved', comment: 'Fine' }] },
        ],
      },
    });
    expect(await decide(waiting.id, { status: 'approved' })).toMatchObject({
      status: 400,
      json: { message: 'This deployment is not waiting for approvals.' },
    });
    // What has happened is recorded all the same.
    expect(await create(path, { ref: 'v3' })).toMatchObject({ status: 'success' });
  });
});
