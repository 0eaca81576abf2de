import { expect } from '@jest/globals';
import { API, type TestServer } from './server.js';

const AT_ONCE = 1_000;
const ROUNDS = 25;
const MEASUREMENTS = 5;

/** So many deployments of one target, all there to be read. */
export async function deployMany(api: TestServer, of: Readonly<{ project: string; target: string }>, many: number) {
  await api.call(`${API}/commands`, { body: [{ commandId: 'target', type: 'CreateTarget', ...of, data: {} }] });
  let position = 0;
  for (let from = 0; from < many; from += AT_ONCE) {
    const body = Array.from({ length: AT_ONCE }, (_, n) => ({
      commandId: `finish-${from + n}`,
      type: 'FinishDeployment',
      ...of,
      data: { version: `1.0.${from + n}`, commitRefs: [{ repository: 'many', branch: 'main', commit: 'abc1234' }] },
    }));
    ({ position } = (await api.call(`${API}/commands`, { body })).body.at(-1));
  }
  await api.call(`${API}/deployments?limit=1&min_position=${position}`);
}

/**
 * The second of two takes no longer than the first, within a factor of 1.5: by the least of many times, and of some measurements,
 * for other work makes times longer and never shorter.
 */
export async function expectAsFast(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  await first();
  await second();
  const ratios: number[] = [];
  for (let n = 0; n < MEASUREMENTS && !(Math.min(...ratios) < 1.5); n += 1) ratios.push(await ratioOf(first, second));
  expect(Math.min(...ratios)).toBeLessThan(1.5);
}

async function ratioOf(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<number> {
  const times: [number[], number[]] = [[], []];
  // In turns, so that whatever else the machine does falls on both.
  for (let n = 0; n < ROUNDS; n += 1) {
    times[0].push(await timeOf(first));
    times[1].push(await timeOf(second));
  }
  return Math.min(...times[1]) / Math.min(...times[0]);
}

const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
