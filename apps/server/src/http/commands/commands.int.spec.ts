import { describe, expect, it } from '@jest/globals';
import { API, newTarget, rowsOf, unique } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const commitRefs = [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }];

const api = suiteServer();

describe('an accepted command', () => {
  it('that creates a target answers 201, where it is, and all of it', async () => {
    const project = unique('octocat/example');
    const { status, headers, body } = await api.call(`${API}/projects/${encodeURIComponent(project)}/targets`, {
      body: {
        key: 'review/42',
        labels: { team: 'shop' },
        repositories: ['web-shop'],
        settings: { hanging: { enabled: true } },
      },
    });
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual([
      'commandId',
      'outcome',
      'position',
      'version',
      'events',
      'target',
      'deployment',
    ]);
    expect(body).toMatchObject({ outcome: 'accepted', version: 1, deployment: null });
    expect(body.events).toEqual([{ type: 'TargetCreated', version: 1, position: body.position }]);
    expect(body.target).toEqual({
      project,
      key: 'review/42',
      name: null,
      description: null,
      repositories: ['web-shop'],
      environmentType: 'unmapped',
      externalUrl: null,
      labels: { team: 'shop' },
      settings: {
        manualControls: true,
        hanging: { enabled: true, afterMinutes: 30 },
        failing: { enabled: false, afterMinutes: 120 },
        requireSchedule: false,
        approvals: [],
      },
      version: 1,
      createdAt: expect.stringMatching(TIME),
      current: null,
      inFlight: null,
      next: null,
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('shiplog-position')).toBe(String(body.position));
    const location = `${API}/projects/${encodeURIComponent(project)}/targets/review%2F42`;
    expect(headers.get('location')).toBe(`${api.server.url}${location}`);
    expect((await api.call(`${location}?min_position=${body.position}`)).body).toEqual(body.target);
  });

  it('that creates a deployment answers 201 and where it is; one that moves it, 200', async () => {
    const { project, path } = await newTarget(api);
    const started = await api.call(`${path}/start`, { body: { version: '1.4.0', commitRefs, metadata: { a: [1] } } });
    expect([started.status, started.headers.get('location')]).toEqual([201, `${api.server.url}${path}/deployments/1`]);
    expect(started.body.deployment).toEqual({
      id: started.body.position,
      project,
      target: 'production',
      number: 1,
      status: 'deploying',
      version: '1.4.0',
      commitRefs,
      externalLink: null,
      description: null,
      metadata: { a: [1] },
      scheduledFor: null,
      createdAt: expect.stringMatching(TIME),
      startedAt: started.body.deployment.createdAt,
      finishedAt: null,
      endedAt: null,
      supersededBy: null,
      rollbackOf: null,
      violations: [],
      failureReason: null,
      actor: { id: 'admin', kind: 'service' },
    });
    expect(started.body.target.inFlight).toEqual(started.body.deployment);
    const finished = await api.call(`${path}/finish`, { body: { version: '1.4.0', commitRefs } });
    expect([finished.status, finished.headers.get('location')]).toEqual([200, null]);
    expect(finished.body.deployment).toMatchObject({ id: started.body.position, number: 1, status: 'current' });
    expect(finished.body.target).toMatchObject({ current: finished.body.deployment, inFlight: null, version: 3 });
  });

  it('supersedes what was current, in one append and in that order', async () => {
    const { path } = await newTarget(api);
    await api.call(`${path}/finish`, { body: { version: '1' } });
    const { body } = await api.call(`${path}/finish`, { body: { version: '2' } });
    expect(body.events.map(({ type }: { type: string }) => type)).toEqual([
      'DeploymentSuperseded',
      'DeploymentFinished',
    ]);
    expect(body.events[1]).toEqual({ type: 'DeploymentFinished', version: 4, position: body.position });
    expect(body.target.current).toMatchObject({ number: 2, version: '2' });
  });

  it('that has nothing to do answers where the stream stands', async () => {
    const { path } = await newTarget(api, { name: 'Shop' });
    const changed = await api.call(path, { method: 'PATCH', body: { name: 'Shop' } });
    expect(changed).toMatchObject({ status: 200, body: { version: 1, events: [] } });
    expect(changed.body.position).toBe(changed.body.target && Number(changed.headers.get('shiplog-position')));
    expect(changed.headers.get('etag')).toBe('"1"');
  });

  it('schedules, changes and fails', async () => {
    const { path } = await newTarget(api);
    const scheduled = await api.call(`${path}/schedule`, {
      body: { version: '2', scheduledFor: '2030-01-01T12:00:00+02:00', commitRefs: [{ repository: 'r', branch: 'b' }] },
    });
    expect(scheduled).toMatchObject({ status: 201, body: { deployment: { status: 'scheduled' } } });
    expect(scheduled.body.deployment.scheduledFor).toBe('2030-01-01T10:00:00.000000Z');
    expect(scheduled.body.target.next).toEqual(scheduled.body.deployment);
    const again = await api.call(`${path}/schedule`, {
      body: { scheduledFor: null, commitRefs: [{ repository: 'r', branch: 'b' }] },
    });
    expect(again).toMatchObject({ status: 200, body: { deployment: { number: 1, scheduledFor: null } } });
    const failed = await api.call(`${path}/fail`, { body: { version: '9', reason: 'no disk' } });
    expect(failed).toMatchObject({
      status: 201,
      body: { deployment: { number: 2, status: 'failed', failureReason: 'no disk' } },
    });
  });

  it('takes no body for an empty one, and JSON under the type that curl -d sends', async () => {
    const { path } = await newTarget(api);
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await api.call(`${path}/start`, { raw: '{"version":"1"}', headers: type })).status).toBe(201);
    expect((await api.call(`${path}/finish`, { method: 'POST' })).status).toBe(200);
    const json = { 'content-type': 'application/json' };
    expect((await api.call(path, { method: 'DELETE', headers: json })).status).toBe(200);
  });

  it('has the time that the sender says, else that of its arrival', async () => {
    const { path } = await newTarget(api);
    const { body } = await api.call(`${path}/start`, {
      body: { version: '1', occurredAt: '2020-02-29T23:59:59.1234567-01:00' },
    });
    expect(body.deployment.startedAt).toBe('2020-03-01T00:59:59.123456Z');
    const before = new Date().toISOString();
    const { body: finished } = await api.call(`${path}/finish`, { body: {} });
    expect(finished.deployment.finishedAt >= before.slice(0, 23)).toBe(true);
  });

  it('deletes a target: its outcome is there, under it nothing else is', async () => {
    const { path } = await newTarget(api);
    await api.call(`${path}/finish`, { body: { version: '1' } });
    const deleted = await api.call(path, { method: 'DELETE', headers: { 'idempotency-key': 'bye' } });
    expect(deleted).toMatchObject({ status: 200, body: { deployment: null } });
    expect(deleted.body.events.map(({ type }: { type: string }) => type)).toEqual([
      'DeploymentRetired',
      'TargetDeleted',
    ]);
    const at = `min_position=${deleted.body.position}`;
    expect(await api.call(`${path}?${at}`)).toMatchObject({ status: 404, body: { code: 'target_not_found' } });
    expect(await api.call(`${path}/deployments/1?${at}`)).toMatchObject({
      status: 404,
      body: { code: 'target_not_found' },
    });
    expect(await api.call(`${path}/commands/bye?${at}`)).toMatchObject({ status: 200, body: { outcome: 'accepted' } });
  });
});

describe('a refused command', () => {
  const problemMembers = ['type', 'title', 'status', 'detail', 'code', 'commandId'];

  it('is a problem with the code of its rejection, and its outcome stays', async () => {
    const { path } = await newTarget(api);
    const call = { body: {}, headers: { 'idempotency-key': 'no-version' } };
    const refused = await api.call(`${path}/start`, call);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(Object.keys(refused.body)).toEqual(problemMembers);
    expect(refused.body).toMatchObject({ status: 422, code: 'version_required', commandId: 'no-version' });
    await api.call(`${path}/finish`, { body: { version: '1' } });
    expect((await api.call(`${path}/start`, call)).text).toBe(refused.text);
    const outcome = await api.call(`${path}/commands/no-version`);
    expect(outcome.body).toEqual({
      commandId: 'no-version',
      outcome: 'rejected',
      code: 'version_required',
      detail: refused.body.detail,
      position: expect.any(Number),
      version: 1,
      events: [],
    });
  });

  it.each([
    ['target_exists', 409, '..', { key: 'production' }],
    ['no_deployment_in_flight', 409, '/fail', {}],
    ['no_open_deployment', 409, '/cancel', {}],
    ['nothing_to_roll_back_to', 409, '/rollback', {}],
    ['commit_required', 422, '/start', { version: '1', commitRefs: [{ repository: 'r', branch: 'b' }] }],
    ['deployment_not_found', 404, '/deployments/7/finish', {}],
  ])('%s is %d', async (code, status, at, body) => {
    const { path, project } = await newTarget(api);
    const url = at === '..' ? `${API}/projects/${project}/targets` : `${path}${at}`;
    expect(await api.call(url, { body })).toMatchObject({ status, body: { code, status } });
  });

  it('names the status that it may not be done from', async () => {
    const { path } = await newTarget(api);
    await api.call(`${path}/start`, { body: { version: '1' } });
    await api.call(`${path}/fail`, { body: {} });
    const { status, body } = await api.call(`${path}/deployments/1/start`, { body: {} });
    expect([status, body.code, body.from]).toEqual([409, 'not_allowed_from', 'failed']);
  });

  it('on a target that is not there is 404, and even that is its outcome', async () => {
    const path = `${API}/projects/${unique('nowhere')}/targets/production`;
    const headers = { 'idempotency-key': 'early' };
    const refused = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    expect(refused).toMatchObject({ status: 404, body: { code: 'target_not_found', commandId: 'early' } });
    expect((await api.call(`${path}/commands/early`)).body).toMatchObject({
      outcome: 'rejected',
      position: 0,
      version: 0,
    });
  });
});

describe('people', () => {
  it('claimed in a body stand in the log as opaque ids, and in answers by their names', async () => {
    const { path, project } = await newTarget(api);
    const id = unique('ann');
    const { body } = await api.call(`${path}/start`, { body: { version: '1', claimedBy: { id, name: 'Ann' } } });
    const { items } = (await api.call(`${API}/events?project=${project}&min_position=${body.position}`)).body;
    expect(items[1]).toMatchObject({
      actor: { id: 'admin', kind: 'service' },
      data: { claimedBy: { id, name: 'Ann' } },
    });
    const told = await rowsOf(api.database, 'select 1 from events where data::text || metadata::text like $1', [
      `%${id}%`,
    ]);
    expect(told).toEqual([]);
  });
});
