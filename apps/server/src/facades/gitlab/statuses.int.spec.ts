import { describe, expect, it } from '@jest/globals';
import { gitlabClient, SHA, shaOf } from '../../../../../test/support/gitlab.js';
import { API, TOKEN, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, aProject, create, report, native, currentOf } = gitlabClient(() => api);
const targetOf = (project: string, key = 'production') =>
  `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(key)}`;
const statesIn = async (path: string): Promise<Array<[number, string]>> =>
  (await ask('GET', `${path}/deployments?per_page=100`)).json.map(({ id, status }: Loose) => [id, status]);

describe('a repeat', () => {
  it('of the last success is that deployment, and the log keeps that it was reported again', async () => {
    const { path, project } = aProject();
    const first = await create(path);
    expect(await create(path)).toMatchObject({ id: first.id, updated_at: first.updated_at });
    expect(await create(path)).toMatchObject({ id: first.id });
    const { items } = (await api.call(`${API}/events?project=${encodeURIComponent(project)}`)).body;
    expect(items.map(({ type }: Loose) => type)).toEqual([
      'TargetCreated',
      'DeploymentFinished',
      'DeploymentChanged',
      'DeploymentChanged',
    ]);
    expect((await native(first.id)).metadata).toEqual({ gitlab: { tag: false, repeats: 2 } });
    const other = await create(path, { sha: shaOf(2) });
    const back = await create(path);
    expect(new Set([first.id, other.id, back.id]).size).toBe(3);
    expect(await currentOf(project)).toMatchObject({ id: back.id });
    expect((await create(path, { tag: true })).id).not.toBe(back.id);
  });

  it.each(['running', 'failed', 'canceled'])(
    'of what is %s last makes no second one, once it moved on it does',
    async (status) => {
      const { path } = aProject();
      await create(path, { sha: shaOf(2) });
      const first = await create(path, { status });
      expect((await create(path, { status })).id).toBe(first.id);
      await report(path, first.id, 'success');
      expect((await create(path, { status })).id).not.toBe(first.id);
    },
  );

  it('that races with the first makes no second one either', async () => {
    const { path } = aProject();
    await create(path, { sha: shaOf(2) });
    for (const status of ['running', 'failed', 'canceled', 'success']) {
      const made = await Promise.all(Array.from({ length: 5 }, () => create(path, { status, ref: status })));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    }
    expect(await statesIn(path)).toHaveLength(5);
  });

  it('by an Idempotency-Key is answered as the first time, whatever happened since', async () => {
    const { path } = aProject();
    const body = { environment: 'production', sha: SHA, ref: 'main', tag: false, status: 'success' };
    const headers = { 'idempotency-key': 'build-17' };
    const first = await ask('POST', `${path}/deployments`, body, { headers });
    await create(path, { sha: shaOf(2) });
    const again = await ask('POST', `${path}/deployments`, body, { headers });
    expect([again.status, again.json.id]).toEqual([201, first.json.id]);
    expect(await statesIn(path)).toHaveLength(2);
    const canceled = { ...body, status: 'canceled' };
    const reused = await ask('POST', `${path}/deployments`, canceled, { headers });
    expect([reused.status, Object.keys(reused.json.message)]).toEqual([400, ['status']]);
  });

  it('by an Idempotency-Key is what the query says too, whoever sends it', async () => {
    const { path } = aProject();
    const headers = { 'idempotency-key': 'build-17' };
    const asked = new URLSearchParams({ environment: 'production', sha: SHA, ref: 'main', tag: 'false' }).toString();
    const send = (more: string): Promise<Loose> =>
      ask('POST', `${path}/deployments?${asked}&${more}`, undefined, { headers });
    const first = await send('status=success');
    const again = await send(`status=success&private_token=${TOKEN}`);
    expect([first.status, again.status, again.json.id]).toEqual([201, 201, first.json.id]);
    const reused = await send('status=canceled');
    expect([reused.status, Object.keys(reused.json.message)]).toEqual([400, ['status']]);
  });
});

describe('the status of a deployment', () => {
  const to = { running: 'run', success: 'succeed', failed: 'drop', canceled: 'cancel' } as const;
  const steps: Array<[from: string, allowed: Array<keyof typeof to>]> = [
    ['running', ['success', 'failed', 'canceled']],
    ['failed', ['success', 'canceled']],
    ['canceled', ['success', 'failed']],
    ['success', ['failed', 'canceled']],
  ];
  it.each(steps)('goes from %s only on to %p', async (from, allowed) => {
    const { path } = aProject();
    for (const [wanted, event] of Object.entries(to)) {
      const { id } = await create(path, { status: from, ref: wanted });
      const { status, json } = await report(path, id, wanted);
      if (allowed.includes(wanted as keyof typeof to)) expect([status, json.status]).toEqual([200, wanted]);
      else expect([status, json]).toEqual([400, { message: { status: [`cannot transition via "${event}"`] } }]);
    }
  });

  it('is that of the native one, both ways', async () => {
    const { path, project } = aProject();
    const { id: first } = await create(path);
    const body = { version: '1.4.0', commitRefs: [{ repository: 'shop', branch: 'release', commit: 'abc1234' }] };
    const scheduled = (await api.call(`${targetOf(project)}/schedule`, { body })).body.deployment;
    await native(scheduled.id);
    expect((await ask('GET', `${path}/deployments/${scheduled.id}`)).json).toMatchObject({
      status: 'created',
      ref: 'release',
      sha: 'abc1234',
    });
    expect((await report(path, scheduled.id, 'running')).json.status).toBe('running');
    expect(await native(scheduled.id)).toMatchObject({ status: 'deploying' });
    await api.call(`${targetOf(project)}/finish`, { body });
    expect(await native(first)).toMatchObject({ status: 'completed' });
    expect(await statesIn(path)).toEqual([
      [first, 'success'],
      [scheduled.id, 'success'],
    ]);
    expect((await report(path, first, 'failed')).json.message.status).toEqual(['cannot transition via "drop"']);
  });

  it.each([
    [{}, { error: 'status is missing' }],
    [{ status: 'created' }, { error: 'status does not have a valid value' }],
    [{ status: ['running'] }, { error: 'status does not have a valid value' }],
  ])('is not %j', async (body, told) => {
    const { path } = aProject();
    const { id } = await create(path);
    expect(await ask('PUT', `${path}/deployments/${id}`, body)).toMatchObject({ status: 400, json: told });
  });
});
