import { expect, it } from '@jest/globals';
import { createTestDatabase } from '../../../test/support/database.js';
import { createPool } from './index.js';
import { Lane } from './lane.js';

it.each([
  ['off', 'on'],
  ['on', 'on'],
  ['local', 'local'],
  ['remote_apply', 'remote_apply'],
])('where the database has synchronous_commit %s, appends have %s', async (given, expected) => {
  const { url, drop } = await createTestDatabase();
  const pool = createPool({ connectionString: url, max: 1 });
  await pool.query(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = ${given}`);
  await pool.end();
  const lane = new Lane({ connectionString: url }, async () => {});
  const rows = await lane.query({ name: 'setting', text: 'show synchronous_commit', values: [] });
  expect(rows).toEqual([{ synchronous_commit: expected }]);
  await lane.close();
  await drop();
});
