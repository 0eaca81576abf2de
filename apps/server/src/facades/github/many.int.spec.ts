import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { speaker } from '../../../../../test/support/dialect.js';
import { deployMany, expectAsFast } from '../../../../../test/support/many.js';
import { startTestServer, testDatabase, TOKEN, type TestServer } from '../../../../../test/support/server.js';

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

it('lists page 50 of 5,000 deployments as fast as page 1', async () => {
  await deployMany(api, { project: 'octocat/many', target: 'staging' }, 5_000);
  const ask = speaker(api.server.url, TOKEN);
  const read = async (page: number): Promise<void> => {
    const { json, headers } = await ask('GET', `/api/v3/repos/octocat/many/deployments?per_page=100&page=${page}`);
    expect([json.length, json[0].ref]).toEqual([100, 'main']);
    expect(headers.link).toContain(page === 50 ? 'page=49>; rel="prev"' : 'page=50>; rel="last"');
  };
  await expectAsFast(
    () => read(1),
    () => read(50),
  );
}, 120_000);
