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
  await deployMany(api, { project: 'group/many', target: 'staging' }, 5_000);
}, 120_000);
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const LIST = '/api/v4/projects/group%2Fmany/deployments?per_page=100';

it.each([
  ['', '1.0.0', '1.0.4999'],
  ['&sort=desc', '1.0.4999', '1.0.0'],
  ['&order_by=updated_at&updated_after=2020-01-01', '1.0.0', '1.0.4999'],
  ['&order_by=finished_at&status=success&finished_after=2020-01-01&environment=staging', '1.0.0', '1.0.4999'],
])(
  'lists page 50 of 5,000 deployments as fast as page 1 %s',
  async (query, first, last) => {
    const ask = speaker(api.server.url, TOKEN);
    const read = async (page: number): Promise<void> => {
      const { json, headers } = await ask('GET', `${LIST}${query}&page=${page}`);
      expect([json.length, headers['x-total-pages']]).toEqual([100, '50']);
      if (page === 1) expect(json[0].shiplog.version).toBe(first);
      else expect(json[99].shiplog.version).toBe(last);
    };
    await expectAsFast(
      () => read(1),
      () => read(50),
    );
  },
  120_000,
);
