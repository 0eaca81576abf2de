import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPool, type Pool } from '#event-store';
import { API, newTarget, startTestServer, testDatabase, type TestServer } from '../../../../../test/support/server.js';
import type { TestDatabase } from '../../../../../test/support/database.js';

let database: TestDatabase;
let pool: Pool;
const servers: TestServer[] = [];
beforeAll(async () => {
  database = await testDatabase();
  pool = createPool({ connectionString: database.url, max: 1 });
}, 60_000);
afterAll(async () => {
  for (const { server } of servers) await server.close();
  await pool.end();
  await database.drop();
});

const started = async (env: Record<string, string> = {}): Promise<TestServer> => {
  const server = await startTestServer(database, env);
  servers.push(server);
  return server;
};

const deploymentsIn = ({ projections }: { projections: { name: string; version: number }[] }) =>
  projections.find(({ name }) => name === 'deployments')!;

it('A view of an older release is not read, with a position or without, until it is built anew', async () => {
  const first = await started();
  const { path } = await newTarget(first);
  const list = `${API}/deployments`;
  const { body } = await first.call(`${API}/status`);
  expect((await first.call(`${list}?min_position=${body.position}`)).status).toBe(200);
  await servers.pop()!.server.close();
  // As the release before this one would have left it.
  await pool.query(`update projections set version = version - 1 where name = 'deployments'`);

  const replica = await started({ SHIPLOG_ROLES: 'api' });
  for (const asked of [list, `${list}?min_position=1`, `${path}/deployments`]) {
    const { status, headers, body: problem } = await replica.call(asked);
    expect({ status, code: problem.code }).toEqual({ status: 503, code: 'view_behind' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  // Other views, and what is read from the log, are as good as ever.
  expect((await replica.call(path)).status).toBe(200);
  expect(await replica.call('/health/ready', { token: null })).toMatchObject({
    ...{ status: 503, body: { status: 'unready', reasons: ['The view deployments is being built.'] } },
  });
  expect(deploymentsIn((await replica.call(`${API}/status`)).body)).toMatchObject({
    ...{ version: deploymentsIn(body).version - 1, position: 0, lag: body.position, state: 'building' },
  });

  await started({ SHIPLOG_ROLES: 'projector' });
  expect((await replica.call(`${list}?min_position=${body.position}`)).status).toBe(200);
  expect((await replica.call(list)).status).toBe(200);
  expect((await replica.call('/health/ready', { token: null })).status).toBe(200);
}, 60_000);
