import { expect, it } from '@jest/globals';
import type { CommandQueue } from '#commands';
import { Metrics } from '#runtime';
import { Gauges } from './gauges.js';
import type { Standing, StandingNow } from './standing.js';

it('a flood of scrapes asks the database once, and the next scrape asks anew', async () => {
  let asked = 0;
  const standing = {
    loops: () => ({
      sealer: { state: 'running' },
      inbox: { state: 'running', lag: 0, partitions: [{ state: 'consuming' }, { state: 'halted' }] },
    }),
    now: async (): Promise<StandingNow> => {
      asked += 1;
      await new Promise(setImmediate);
      return {
        ...{ position: 0, roles: [], relays: [], loops: {} },
        projections: [{ name: 'current', version: 1, state: 'running', position: 0, lag: asked, lagSeconds: 0 }],
        sealer: { position: 0, lag: 0, lagSeconds: 0, signedAt: null },
      };
    },
  } satisfies Pick<Standing, 'loops' | 'now'> as unknown as Standing;
  const queue = { stats: () => ({ queued: 0, unanswered: 0 }) } as unknown as CommandQueue;
  const metrics = new Metrics();
  const gauges = new Gauges(metrics, standing, queue, {});
  await Promise.all(Array.from({ length: 300 }, () => gauges.measure()));
  expect(asked).toBe(1);
  await gauges.measure();
  const [lag] = (await metrics.lag.get()).values;
  expect(lag).toMatchObject({ value: 2, labels: { name: 'current' } });
  expect((await metrics.loopHalted.get()).values).toEqual([
    { labels: { name: 'sealer' }, value: 0 },
    { labels: { name: 'inbox' }, value: 1 },
  ]);
});
