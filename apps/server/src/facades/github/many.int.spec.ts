import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { speaker } from '../../../../../test/support/dialect.js';
import { API, startTestServer, testDatabase, TOKEN, type TestServer } from '../../../../../test/support/server.js';

const MANY = 5_000;
const AT_ONCE = 1_000;
const ROUNDS = 25;

let database: TestDatabase;
let api: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
}, 120_000);
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

it('lists page 50 of 5,000 deployments as fast as page 1', async () => {
  const of = { project: 'octocat/many', target: 'staging' };
  await api.call(`${API}/commands`, { body: [{ commandId: 'target', type: 'CreateTarget', ...of, data: {} }] });
  let position = 0;
  for (let from = 0; from < MANY; from += AT_ONCE) {
    const body = Array.from({ length: AT_ONCE }, (_, n) => ({
      commandId: `finish-${from + n}`,
      type: 'FinishDeployment',
      ...of,
      data: { version: `1.0.${from + n}`, commitRefs: [{ repository: 'many', branch: 'main', commit: 'abc1234' }] },
    }));
    ({ position } = (await api.call(`${API}/commands`, { body })).body.at(-1));
  }
  await api.call(`${API}/deployments?limit=1&min_position=${position}`);
  const ask = speaker(api.server.url, TOKEN);
  const timeOf = async (page: number): Promise<number> => {
    const began = performance.now();
    const { json, headers } = await ask('GET', `/api/v3/repos/octocat/many/deployments?per_page=100&page=${page}`);
    const took = performance.now() - began;
    expect([json.length, json[0].ref]).toEqual([100, 'main']);
    expect(headers.link).toContain(page === 50 ? 'page=49>; rel="prev"' : 'page=50>; rel="last"');
    return took;
  };
  await timeOf(1);
  await timeOf(50);
  const [first, last]: [number[], number[]] = [[], []];
  // In turns, so that whatever else the machine does falls on both.
  for (let n = 0; n < ROUNDS; n += 1) {
    first.push(await timeOf(1));
    last.push(await timeOf(50));
  }
  expect(median(last) / median(first)).toBeLessThan(1.5);
}, 120_000);
