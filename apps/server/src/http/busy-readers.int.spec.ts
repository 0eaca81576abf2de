import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import pg from 'pg';
import { API, newTarget, rowsOf, type Reply } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';
import { until } from '../../../../test/support/until.js';

const api = suiteServer();
/** As many as there are connections for reads, and how long one statement, and the wait for a connection, may take. */
const [READERS, LIMIT_MS] = [10, 5_000];
/** For a machine that has other things to do. */
const LATE_MS = 5_000;

const gauge = async (series: string): Promise<number> => {
  const { text } = await api.call('/metrics', { token: null });
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
};

/** Holds what every report by commit reads, and nothing else does, while the work is done. */
const holdingCommits = async (work: () => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString: api.database.url });
  await client.connect();
  try {
    await client.query('begin; lock table commits in access exclusive mode');
    await work();
  } finally {
    await client.end();
  }
};

const timed = async (reply: Promise<Reply>): Promise<{ reply: Reply; ms: number }> => {
  const began = performance.now();
  return { reply: await reply, ms: performance.now() - began };
};

it('refuses the next read in time where all connections for reads are busy, and all else goes on', async () => {
  const { path } = await newTarget(api, { settings: { failing: { enabled: true, afterMinutes: 0.02 } } });
  const list = path.slice(0, path.lastIndexOf('/'));
  const slow = (): Promise<Reply> => api.call(`${API}/commits/abc1234/deployments`);
  let second: Promise<Reply>[] = [];
  await holdingCommits(async () => {
    const first = Array.from({ length: READERS }, slow);
    await until(async () => (await gauge('shiplog_postgres_pool_connections{pool="reads",state="busy"}')) === READERS);
    // These get the connections that the first lose, so that none becomes free while the next read waits.
    await pause(LIMIT_MS / 2);
    second = Array.from({ length: READERS }, slow);
    await until(async () => (await gauge('shiplog_postgres_pool_waiting{pool="reads"}')) === READERS);
    const next = timed(api.call(list));

    const started = await timed(api.call(`${path}/start`, { body: { version: '1', claimedBy: { id: 'ann' } } }));
    expect([started.reply.status, started.ms < LATE_MS]).toEqual([201, true]);
    const failed = (): Promise<unknown[]> =>
      rowsOf(api.database, `select from deployments where key = 'production' and status = 'failed'`);
    await until(
      async () => (await failed()).length === 1,
      () => 'no time-out in the view',
      LATE_MS,
    );

    const { reply, ms } = await next;
    expect([reply.status, reply.body.code, reply.headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
    expect(ms).toBeGreaterThanOrEqual(LIMIT_MS - 100);
    expect(ms).toBeLessThan(LIMIT_MS + LATE_MS);
    for (const { status, headers } of await Promise.all(first))
      expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  });
  for (const { status } of await Promise.all(second)) expect(status).toBe(200);
  expect((await api.call(list)).body.items).toMatchObject([{ key: 'production' }]);
}, 60_000);
