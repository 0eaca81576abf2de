import { expect, it } from '@jest/globals';
import type { CommandQueue } from '#commands';
import { Metrics } from '#runtime';
import { Gauges } from './gauges.js';
import type { Standing } from './standing.js';

it('a flood of scrapes asks the database once, and the next scrape asks anew', async () => {
  let asked = 0;
  const standing = {
    loops: () => ({}),
    now: async () => {
      asked += 1;
      await new Promise(setImmediate);
      return { projections: [{ name: 'current', lag: asked, lagSeconds: 0 }], relays: [] };
    },
  } as unknown as Standing;
  const queue = { stats: () => ({ queued: 0, unanswered: 0 }) } as unknown as CommandQueue;
  const metrics = new Metrics();
  const gauges = new Gauges(metrics, standing, queue, {});
  await Promise.all(Array.from({ length: 300 }, () => gauges.measure()));
  expect(asked).toBe(1);
  await gauges.measure();
  const [lag] = (await metrics.lag.get()).values;
  expect(lag).toMatchObject({ value: 2, labels: { name: 'current' } });
});
