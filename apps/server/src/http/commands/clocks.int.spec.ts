import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API, newTarget, startTestServer, testDatabase, type TestServer } from '../../../../../test/support/server.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { startServer } from '../../server.js';

const HOURS = 3_600_000;
const { now } = Date;
const timeIn = (ms: number): string => new Date(now() + ms).toISOString();

describe.each([-2 * HOURS, 2 * HOURS])('a process whose clock is %d ms off', (off) => {
  let database: TestDatabase;
  let api: TestServer;
  beforeAll(async () => {
    database = await testDatabase();
    Date.now = () => now() + off;
    api = await startTestServer(database, {}, startServer);
  });
  afterAll(async () => {
    Date.now = now;
    await api.server.close();
    await database.drop();
  });

  it('takes what has just happened, and says of what does not say when that it happened now', async () => {
    const { project, path } = await newTarget(api);
    const began = timeIn(0);
    expect((await api.call(`${path}/start`, { body: { version: '1', occurredAt: began } })).status).toBe(201);
    expect((await api.call(`${path}/finish`, { body: {} })).status).toBe(200);
    const listed = { type: 'FinishDeployment', project, target: 'production', data: { version: '2' } };
    const { body } = await api.call(`${API}/commands`, {
      body: [{ ...listed, commandId: 'c', occurredAt: timeIn(0) }],
    });
    expect(body).toMatchObject([{ outcome: 'accepted' }]);
    const { items } = (await api.call(`${API}/events?project=${project}`)).body;
    expect(items.length).toBeGreaterThan(3);
    for (const { occurredAt, recordedAt } of items)
      expect(Math.abs(Date.parse(recordedAt) - Date.parse(occurredAt))).toBeLessThan(5_000);
  });

  it('refuses what lies in the future by the clock of the database', async () => {
    const { path } = await newTarget(api);
    const { status, body } = await api.call(`${path}/start`, { body: { version: '1', occurredAt: timeIn(HOURS) } });
    expect([status, body.code]).toEqual([400, 'bad_request']);
  });
});
