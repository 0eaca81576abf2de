import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import {
  API,
  newTarget,
  rowsOf,
  startTestServer,
  testDatabase,
  unique,
  type TestServer,
} from '../../testing/server.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const commitRefs = [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }];

let database: TestDatabase;
let api: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

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
    ['target_exists', 409, 'POST', '..', { key: 'production' }],
    ['no_deployment_in_flight', 409, 'POST', '/fail', {}],
    ['no_open_deployment', 409, 'POST', '/cancel', {}],
    ['nothing_to_roll_back_to', 409, 'POST', '/rollback', {}],
    ['commit_required', 422, 'POST', '/start', { version: '1', commitRefs: [{ repository: 'r', branch: 'b' }] }],
    ['deployment_not_found', 404, 'POST', '/deployments/7/finish', {}],
  ])('%s is %d', async (code, status, method, at, body) => {
    const { path, project } = await newTarget(api);
    const url = at === '..' ? `${API}/projects/${project}/targets` : `${path}${at}`;
    expect(await api.call(url, { method, body })).toMatchObject({ status, body: { code, status } });
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

describe('a command id', () => {
  it('gets the same answer again, byte for byte, whatever has happened since, and after a restart', async () => {
    const { path, project } = await newTarget(api);
    const call = {
      body: { version: '1', commitRefs, claimedBy: { id: 'ann', name: 'Ann' } },
      headers: { 'idempotency-key': 'once' },
    };
    const first = await api.call(`${path}/start`, call);
    await api.call(`${path}/finish`, { body: { version: '1', commitRefs } });
    await api.call(path, { method: 'PATCH', body: { name: 'Another' } });
    const again = await api.call(`${path}/start`, call);
    const other = await startTestServer(database);
    const elsewhere = await other.call(`${path}/start`, call);
    await other.server.close();
    for (const reply of [again, elsewhere]) {
      expect([reply.status, reply.text]).toEqual([first.status, first.text]);
      for (const name of ['etag', 'shiplog-position']) expect(reply.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(new URL(elsewhere.headers.get('location')!).pathname).toBe(
      `${API}/projects/${project}/targets/production/deployments/1`,
    );
  });

  it('is the same command whatever the white space and the order of keys', async () => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'ordered', 'content-type': 'application/json' };
    const first = await api.call(`${path}/start`, { raw: '{"version":"1","metadata":{"a":1,"b":2}}', headers });
    const again = await api.call(`${path}/start`, { raw: ' { "metadata" : {"b":2, "a":1},\n"version":"1" }', headers });
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
  });

  it.each([
    ['body', 'POST', '/start', { version: '2' }, {}],
    ['path', 'POST', '/finish', { version: '1' }, {}],
    ['If-Match', 'POST', '/start', { version: '1' }, { 'if-match': '"1"' }],
    ['method', 'PATCH', '', {}, {}],
  ])('with another %s is 422', async (_what, method, at, body, more) => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'twice' };
    const first = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    const reused = await api.call(`${path}${at}`, { method, body, headers: { ...headers, ...more } });
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused', commandId: 'twice' } });
    const { items } = (await api.call(`${API}/events?min_position=${first.body.position}&after=${first.body.position}`))
      .body;
    expect(items).toEqual([]);
  });

  it('is unique within its target only', async () => {
    const headers = { 'idempotency-key': 'everywhere' };
    for (const { path } of [await newTarget(api), await newTarget(api)])
      expect((await api.call(`${path}/start`, { body: { version: '1' }, headers })).status).toBe(201);
  });

  it('sent many times at once is carried out once', async () => {
    const { path } = await newTarget(api);
    const call = { body: { version: '1' }, headers: { 'idempotency-key': 'storm' } };
    const replies = await Promise.all(Array.from({ length: 30 }, () => api.call(`${path}/finish`, call)));
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(replies[0]!.body).toMatchObject({ version: 2, target: { version: 2 } });
  });

  it('may be any text of 1 to 255 characters', async () => {
    const { path } = await newTarget(api);
    const key = `ü€😀/%2F ${'x'.repeat(240)}`;
    const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
    const { status, body } = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    expect([status, body.commandId]).toEqual([201, key]);
    expect((await api.call(`${path}/commands/${encodeURIComponent(key)}`)).body.commandId).toBe(key);
  });

  it.each(['x'.repeat(256), 'shiplog:due:1', ''])('is refused as %j', async (key) => {
    const { path } = await newTarget(api);
    const refused = await api.call(`${path}/start`, { body: { version: '1' }, headers: { 'idempotency-key': key } });
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'Idempotency-Key']);
  });

  it('that was refused as no command may be tried again', async () => {
    const { path } = await newTarget(api);
    const headers = { 'idempotency-key': 'second-try' };
    const refused = await api.call(`${path}/start`, { body: { version: 5 }, headers });
    expect(refused).toMatchObject({ status: 400, body: { code: 'bad_request', commandId: 'second-try' } });
    expect((await api.call(`${path}/commands/second-try`)).body.code).toBe('command_not_found');
    expect((await api.call(`${path}/start`, { body: { version: '5' }, headers })).status).toBe(201);
  });
});

describe('If-Match', () => {
  it('is the version that the target must have', async () => {
    const { path } = await newTarget(api);
    const start = (version: string) =>
      api.call(`${path}/start`, { body: { version: '1' }, headers: { 'if-match': version } });
    expect(await start('"2"')).toMatchObject({ status: 412, body: { code: 'version_conflict' } });
    const { status, headers } = await start('"1"');
    expect([status, headers.get('etag')]).toEqual([201, '"2"']);
    expect((await start('"1"')).status).toBe(412);
  });

  it.each(['*', '1', 'W/"1"', '"1", "2"', '"one"', '"01"', '"9007199254740993"', '""'])(
    'is refused as %s',
    async (value) => {
      const { path } = await newTarget(api);
      const refused = await api.call(`${path}/start`, { body: { version: '1' }, headers: { 'if-match': value } });
      expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'If-Match']);
    },
  );

  it('lets one of many pass', async () => {
    const { path } = await newTarget(api);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        api.call(`${path}/finish`, { body: { version: `${n}` }, headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(412)]);
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
    const told = await rowsOf(database, 'select 1 from events where data::text || metadata::text like $1', [`%${id}%`]);
    expect(told).toEqual([]);
  });
});
