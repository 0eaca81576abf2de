import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../test/support/database.js';
import {
  API,
  newTarget,
  rowsOf,
  startTestServer,
  testDatabase,
  type Loose,
  type TestServer,
} from '../../../../test/support/server.js';
import { until } from '../../../../test/support/until.js';

const TICK_MS = 100;
const settings = { hanging: { enabled: true, afterMinutes: 0.05 }, failing: { enabled: true, afterMinutes: 0.1 } };

let database: TestDatabase;
const servers: TestServer[] = [];
const serve = async (env: Record<string, string> = {}): Promise<TestServer> => {
  const server = await startTestServer(database, { SHIPLOG_TICK_MS: String(TICK_MS), ...env });
  servers.push(server);
  return server;
};
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ server }) => server.close()));
});
afterAll(() => database?.drop());

const eventsOf = async (api: TestServer, project: string): Promise<Loose[]> =>
  (await api.call(`${API}/events?project=${project}&limit=200`)).body.items;
const eventOf = (api: TestServer, project: string, type: string, withinMs: number): Promise<Loose> =>
  until(async () => (await eventsOf(api, project)).find((event) => event.type === type), undefined, withinMs);
/** Microseconds between two times as the service spells them. */
const between = (from: string, to: string): number => micros(to) - micros(from);
const micros = (time: string): number => Date.parse(`${time.slice(0, 19)}Z`) * 1_000 + Number(time.slice(20, 26));

describe('time-outs', () => {
  it('hang and fail a deployment, not early, within a tick and a quarter of a second, and a late finish recovers it', async () => {
    const api = await serve();
    const { path, project } = await newTarget(api, { settings });
    await api.call(`${path}/start`, { body: { version: '1' } });
    const failed = await eventOf(api, project, 'DeploymentFailed', 15_000);
    const [, started, hung] = await eventsOf(api, project);
    for (const [event, rule, seconds] of [
      [hung, 'hanging', 3],
      [failed, 'failing', 6],
    ] as const) {
      expect(event).toMatchObject({
        actor: { id: 'timekeeper', kind: 'system' },
        data: { rule, deadline: event.occurredAt },
      });
      expect(between(started.recordedAt, event.occurredAt)).toBe(seconds * 1_000_000);
      const late = between(event.occurredAt, event.recordedAt);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan((TICK_MS + 250) * 1_000);
    }
    expect([hung.type, hung.data.status, failed.data.reason, failed.data.from]).toEqual([
      'DeploymentHung',
      'hanging',
      'timeout',
      'hanging',
    ]);
    const { body } = await api.call(`${path}/finish`, { body: { version: '1' } });
    expect(body).toMatchObject({ deployment: { number: 1, status: 'current', endedAt: null, failureReason: null } });
    expect((await api.call(`${path}/current?min_position=${body.position}`)).body).toEqual(body.deployment);
  }, 30_000);

  it('apply changed settings to what is in flight', async () => {
    const api = await serve();
    const { path, project } = await newTarget(api);
    await api.call(`${path}/start`, { body: { version: '1' } });
    await api.call(path, { method: 'PATCH', body: { settings: { failing: { enabled: true, afterMinutes: 0.001 } } } });
    const failed = await eventOf(api, project, 'DeploymentFailed', 5_000);
    expect(failed.data).toMatchObject({ rule: 'failing', from: 'deploying' });
  });

  it('say of a scheduled deployment that it is due, for each time once', async () => {
    const api = await serve();
    const { path, project } = await newTarget(api);
    await api.call(`${path}/schedule`, { body: { version: '1', scheduledFor: '2020-01-01T00:00:00Z' } });
    await eventOf(api, project, 'DeploymentDue', 5_000);
    const soon = new Date(Date.now() + 600).toISOString();
    await api.call(`${path}/schedule`, { body: { version: '1', scheduledFor: soon } });
    const due = await until(async () => {
      const found = (await eventsOf(api, project)).filter(({ type }) => type === 'DeploymentDue');
      return found.length === 2 && found;
    });
    expect(due[1].recordedAt >= due[1].occurredAt).toBe(true);
    expect(due[1].occurredAt.slice(0, 23)).toBe(soon.slice(0, 23));
  });

  it('that came while nobody looked are caught up with, each once and what failed without having hung, by however many replicas', async () => {
    const quiet = await serve({ SHIPLOG_ROLES: 'api,projector' });
    const targets = await Promise.all(
      Array.from({ length: 40 }, () =>
        newTarget(quiet, {
          settings: {
            hanging: { enabled: true, afterMinutes: 0.0001 },
            failing: { enabled: true, afterMinutes: 0.0002 },
          },
        }),
      ),
    );
    const replies = await Promise.all(
      targets.map(({ path }) => quiet.call(`${path}/start`, { body: { version: '1' } })),
    );
    const last = Math.max(...replies.map(({ body }) => body.position));
    await quiet.call(`${API}/status?min_position=${last}`);
    const [api] = await Promise.all([serve(), serve(), serve({ SHIPLOG_ROLES: 'timekeeper' })]);
    await Promise.all(targets.map(({ project }) => eventOf(api!, project, 'DeploymentFailed', 10_000)));
    // Two more ticks of each, which find nothing or what is decided already.
    const settled = await api!.call(`${API}/events?after=${last}&type=DeploymentFailed&limit=200`);
    await until(async () => {
      const { body } = await api!.call(`${API}/status`);
      return body.projections.every(({ lag }: { lag: number }) => lag === 0);
    });
    expect(settled.body.items).toHaveLength(40);
    for (const { project } of targets) {
      const [, started, ...timeOuts] = await eventsOf(api!, project);
      const after = ({ type, occurredAt }: Loose) => [type, between(started.recordedAt, occurredAt)];
      expect(timeOuts.map(after)).toEqual([['DeploymentFailed', 12_000]]);
    }
    const [{ outcomes }] = await rowsOf(
      database,
      "select count(*)::int as outcomes from commands where command_id like 'shiplog:time-out:%' and seq > $1",
      [0],
    );
    const [{ events }] = await rowsOf(
      database,
      "select count(*)::int as events from events where type in ('DeploymentFailed', 'DeploymentHung')",
    );
    expect(outcomes).toBe(events);
  }, 30_000);

  it('race with a finish: one of the two comes first, and the story is legal', async () => {
    const api = await serve();
    const targets = await Promise.all(
      Array.from({ length: 30 }, () =>
        newTarget(api, { settings: { failing: { enabled: true, afterMinutes: 0.01 } } }),
      ),
    );
    await Promise.all(
      targets.map(async ({ path }, n) => {
        await api.call(`${path}/start`, { body: { version: '1' } });
        await new Promise((resolve) => setTimeout(resolve, 560 + n * 6));
        expect((await api.call(`${path}/finish`, { body: { version: '1' } })).body.deployment.status).toBe('current');
      }),
    );
    for (const { project } of targets) {
      const types = (await eventsOf(api, project)).slice(2).map(({ type, data }) => [type, data.from].join(' '));
      const inTime = ['DeploymentFinished deploying'];
      const late = ['DeploymentFailed deploying', 'DeploymentFinished failed'];
      expect([inTime, late]).toContainEqual(types);
    }
  }, 30_000);
});
