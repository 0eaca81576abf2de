import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import {
  API,
  newTarget,
  rowsOf,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type TestServer,
} from '../../../test/support/server.js';

let database: TestDatabase;
const servers: TestServer[] = [];
const serve = async (env: Record<string, string> = {}, on = database): Promise<TestServer> => {
  const server = await startTestServer(on, env);
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

describe('the start', () => {
  it('makes the tables, by however many replicas at once, and is ready', async () => {
    const empty = await createTestDatabase();
    const three = await Promise.all([serve({}, empty), serve({}, empty), serve({}, empty)]);
    for (const { call } of three) {
      const { status, body } = await call('/health/ready', { token: null });
      expect([status, body]).toEqual([200, { status: 'ready', reasons: [] }]);
    }
    await Promise.all(servers.splice(0).map(({ server }) => server.close()));
    await empty.drop();
  }, 20_000);

  it('makes a token, keeps it in the data directory, and takes it again the next time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'shiplog-'));
    const env = { SHIPLOG_ADMIN_TOKEN: '', SHIPLOG_DATA_DIR: dataDir };
    const { server, call } = await serve(env);
    expect(server.adminToken).toMatch(/^shl_[0-9A-Za-z]{36}$/);
    expect((await call(`${API}/projects`, { token: server.adminToken })).status).toBe(200);
    expect((await readFile(join(dataDir, 'admin-token'), 'utf8')).trim()).toBe(server.adminToken);
    expect((await serve(env)).server.adminToken).toBe(server.adminToken);
    await rm(dataDir, { recursive: true });
  });

  it('fails, and leaves no connection behind, where the port is taken', async () => {
    const { server } = await serve();
    const own = await testDatabase();
    const { port: PORT } = new URL(server.url);
    await expect(startTestServer(own, { PORT })).rejects.toThrow(
      `PORT ${PORT} is taken on 127.0.0.1: another one must be given, or 0 for any that is free.`,
    );
    const name = new URL(own.url).pathname.slice(1);
    expect(await rowsOf(database, 'select application_name from pg_stat_activity where datname = $1', [name])).toEqual(
      [],
    );
    await own.drop();
  });

  it('without the role api serves health, status and metrics, and no API', async () => {
    const { call } = await serve({ SHIPLOG_ROLES: 'projector' });
    expect((await call(`${API}/status`)).body).toMatchObject({ roles: ['projector'], commands: { queued: 0 } });
    expect((await call(`${API}/status`, { token: null })).status).toBe(401);
    expect((await call('/health/ready', { token: null })).status).toBe(200);
    expect((await call('/metrics', { token: null })).status).toBe(200);
    expect((await call(`${API}/projects`)).status).toBe(404);
    expect((await call(`${API}/projects`, { token: null })).status).toBe(401);
  });
});

describe('replicas', () => {
  it('with a role each make one service', async () => {
    const api = await serve({ SHIPLOG_ROLES: 'api' });
    await serve({ SHIPLOG_ROLES: 'projector' });
    await serve({ SHIPLOG_ROLES: 'timekeeper' });
    const { path, project } = await newTarget(api, { settings: { failing: { enabled: true, afterMinutes: 0.001 } } });
    const { body } = await api.call(`${path}/start`, { body: { version: '1' } });
    expect((await api.call(`${path}?min_position=${body.position}`)).body.inFlight).toMatchObject({ version: '1' });
    const failed = await api.call(`${API}/events?project=${project}&min_position=${body.position + 1}`);
    expect(failed.body.items[2]).toMatchObject({ type: 'DeploymentFailed' });
  });

  it('write to the same target as one, and answer a command id alike', async () => {
    const [a, b] = [await serve(), await serve()];
    const { path } = await newTarget(a!);
    const calls = Array.from({ length: 100 }, (_, n) => ({
      body: { version: `${n}` },
      headers: { 'idempotency-key': unique(`${n}`) },
    }));
    const answers = await Promise.all(
      calls.map(async (call) => {
        const [one, two] = await Promise.all([a!.call(`${path}/finish`, call), b!.call(`${path}/finish`, call)]);
        expect([two.status, two.text]).toEqual([one.status, one.text]);
        return one;
      }),
    );
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(new Set(answers.map(({ body }) => body.deployment.number)).size).toBe(100);
    expect(new Set(answers.map(({ body }) => body.version)).size).toBe(100);
  }, 20_000);
});

describe('the stop', () => {
  it('under load answers every request that it let in, and loses nothing', async () => {
    const { server, call } = await serve();
    const { path } = await newTarget({ call });
    const ids: string[] = [];
    const refused: string[] = [];
    let stopping = false;
    const client = async (): Promise<void> => {
      for (let n = 0; !stopping || n === 0; n += 1) {
        const id = unique('load');
        const reply = await call(`${path}/finish`, { body: { version: id }, headers: { 'idempotency-key': id } }).catch(
          () => undefined,
        );
        // A connection that is refused or was closed between two requests has let nothing in.
        if (reply === undefined) return;
        if (reply.status === 201) ids.push(id);
        else refused.push(`${reply.status} ${reply.text}`);
      }
    };
    const clients = Array.from({ length: 20 }, client);
    while (ids.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = server.close();
    await Promise.all(
      clients.map((each) => Promise.race([each, closed.then(() => (stopping = true)).then(() => each)])),
    );
    expect(refused).toEqual([]);
    const known = await rowsOf(database, 'select command_id as id from commands where command_id = any ($1)', [ids]);
    expect(new Set(known.map(({ id }) => id))).toEqual(new Set(ids));
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
  }, 20_000);

  it('happens once, however often it is asked for', async () => {
    const { server } = await serve();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });
});

describe('without its database', () => {
  it('is alive, unready and refuses with 503, and goes on when it is back', async () => {
    const own = await testDatabase();
    const api = await serve({}, own);
    const { path } = await newTarget(api);
    const name = new URL(own.url).pathname.slice(1);
    const allow = (allowed: boolean) => rowsOf(database, `alter database ${name} with allow_connections ${allowed}`);
    await allow(false);
    await rowsOf(database, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const headers = { 'idempotency-key': 'patience' };
    const [live, ready, read, command] = await Promise.all([
      api.call('/health/live', { token: null }),
      api.call('/health/ready', { token: null }),
      api.call(path),
      api.call(`${path}/start`, { body: { version: '1' }, headers }),
    ]);
    expect([live.status, ready.status]).toEqual([200, 503]);
    for (const { status, headers: got, body } of [read, command]) {
      expect([status, body.code, got.get('content-type')]).toEqual([503, 'unavailable', 'application/problem+json']);
      expect(Number(got.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await api.call('/metrics', { token: null })).status).toBe(200);
    await allow(true);
    const begun = performance.now();
    let again = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    while (again.status === 503 && performance.now() - begun < 10_000)
      again = await api.call(`${path}/start`, { body: { version: '1' }, headers });
    expect(again).toMatchObject({ status: 201, body: { version: 2 } });
    expect((await api.call(`${path}?min_position=${again.body.position}`)).status).toBe(200);
    await servers.pop()!.server.close();
    await own.drop();
  }, 40_000);
});

describe('with an event that its views cannot read', () => {
  it('is unready, and says why', async () => {
    const own = await testDatabase();
    const api = await serve({}, own);
    const { path } = await newTarget(api);
    await rowsOf(
      own,
      `insert into events select position + 1, recorded_at, recorded_at, gen_random_uuid(), 1, 'target:a/b', 'FromTheFuture', '', '{}', '{}'
         from log`,
    );
    await rowsOf(own, 'update log set position = position + 1');
    await api.call(`${path}/start`, { body: { version: '1' } });
    const health = () => api.call('/health/ready', { token: null });
    let last = await health();
    while (last.status === 200 || last.body.reasons.length < 4) last = await health();
    expect([last.status, last.body.status]).toEqual([503, 'unready']);
    for (const reason of last.body.reasons)
      expect(reason).toMatch(/^The view \w+ has stopped: .*unknown type FromTheFuture/);
    await servers.pop()!.server.close();
    await own.drop();
  }, 20_000);
});

describe('without its broker', () => {
  it('is ready all the same, says what is missing, and stops in time', async () => {
    const api = await serve({ KAFKA_BROKERS: '127.0.0.1:1' });
    const { path } = await newTarget(api);
    expect((await api.call(`${path}/start`, { body: { version: '1' } })).status).toBe(201);
    const health = () => api.call('/health/ready', { token: null });
    let last = await health();
    while (last.body.status === 'ready') last = await health();
    expect([last.status, last.body.status]).toEqual([200, 'degraded']);
    expect(last.body.reasons.join()).toMatch(/relay events: /);
    const { relays, loops } = (await api.call(`${API}/status`)).body;
    expect(relays.map(({ name, lag, lagSeconds }: Loose) => [name, lag > 0, lagSeconds > 0])).toEqual([
      ['events', true, true],
      ['outcomes', true, true],
      ['current', true, true],
      ['checkpoints', true, true],
    ]);
    expect(loops).toMatchObject({
      inbox: { state: expect.stringMatching(/starting|retrying/), partitions: [] },
      relay: { events: { state: 'retrying', reason: expect.any(String) } },
    });
    const begun = performance.now();
    await api.server.close();
    expect(performance.now() - begun).toBeLessThan(10_000);
  }, 30_000);
});

describe('RATE_LIMIT', () => {
  it('refuses what goes beyond it with 429 and says when to come again', async () => {
    const { call } = await serve({ RATE_LIMIT: '5' });
    const statuses: number[] = [];
    for (let n = 0; n < 7; n += 1) statuses.push((await call(n % 2 ? `${API}/projects` : `${API}/nothing`)).status);
    expect(statuses).toEqual([404, 200, 404, 200, 404, 429, 429]);
    const { headers, body } = await call(`${API}/projects`);
    expect([body.code, headers.get('content-type')]).toEqual(['too_many_requests', 'application/problem+json']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('/health/live', { token: null })).status).toBe(200);
    expect((await call(`${API}/projects`, { token: null })).status).toBe(401);
  });
});

describe('PUBLIC_URL', () => {
  it('is where links lead, and https brings HSTS', async () => {
    const api = await serve({ PUBLIC_URL: 'https://ship.example/log/' });
    const { path } = await newTarget(api);
    const { headers } = await api.call(`${path}/start`, { body: { version: '1' } });
    expect(headers.get('location')).toBe(`https://ship.example/log${path}/deployments/1`);
    expect(headers.get('strict-transport-security')).toContain('max-age');
  });
});
