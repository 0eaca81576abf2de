import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.js';
import { testDatabase } from '../support/server.js';
import { fuzz } from './fuzz.js';

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 5_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database?.drop();
});

it(
  `answers ${INPUTS} hostile inputs as documented, never ends and does not grow (seed ${SEED})`,
  async () => {
    const tally = await fuzz({ databaseUrl: database.url, brokers: process.env['TEST_KAFKA_BROKERS']! }, INPUTS, SEED);
    process.stderr.write(tally.report());
    expect(tally.faults).toEqual([]);
    expect(tally.accounts.accepted).toBeGreaterThan(0);
    expect(tally.growth ?? 0).toBeLessThanOrEqual(50);
  },
  300_000 + INPUTS * 10,
);
