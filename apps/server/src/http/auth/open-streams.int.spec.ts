import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  unique,
  type TestServer,
} from '../../../../../test/support/server.js';

let database: TestDatabase;
/** Where streams are open, and where tokens are revoked. */
let here: TestServer;
let there: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  [here, there] = await Promise.all([startTestServer(database), startTestServer(database)]);
});
afterAll(async () => {
  await Promise.all([here?.server.close(), there?.server.close()]);
  await database?.drop();
});

type Stream = Readonly<{ response: IncomingMessage; ended: Promise<Readonly<{ at: number; whole: boolean }>> }>;

const open = (path: string, token: string, accept: string): Promise<Stream> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept };
    const sent = request(`${here.server.url}${path}`, { headers, agent: false }, (response) => {
      const ended = new Promise<{ at: number; whole: boolean }>((end) =>
        response
          .on('close', () => end({ at: performance.now(), whole: response.complete }))
          .on('error', () => undefined),
      );
      resolve({ response, ended });
    });
    sent.on('error', reject).end();
  });

describe('a stream that is open', () => {
  it('ends within 5 seconds after its token was revoked on another replica, and others go on', async () => {
    const [one, two] = [
      await tokenOf(there, { name: unique('one'), projects: ['*'] }),
      await tokenOf(there, { name: unique('two'), projects: ['*'] }),
    ];
    const [ending, staying] = await Promise.all(
      [one, two].map(({ token }) => open(`${API}/events/live`, token, 'text/event-stream')),
    );
    let isOpen = true;
    void staying!.ended.then(() => (isOpen = false));
    for (const { response } of [ending!, staying!]) response.resume();
    const revoked = performance.now();
    await there.call(`${API}/tokens/${one.id}`, { method: 'DELETE' });
    expect((await ending!.ended).at - revoked).toBeLessThan(5_000);
    expect(isOpen).toBe(true);
    staying!.response.destroy();
  }, 30_000);

  it('ends within 5 seconds after its token expired', async () => {
    const expires = performance.now() + 1_500;
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    const { token } = await tokenOf(there, { name: unique('brief'), projects: ['*'], expiresAt });
    const { response, ended } = await open(`${API}/events/live`, token, 'text/event-stream');
    response.resume();
    const { at } = await ended;
    expect(at - expires).toBeLessThan(5_000);
    expect(at).toBeGreaterThan(expires - 500);
  }, 30_000);

  it('and is an export of the log is cut, so that nobody takes it for the whole', async () => {
    const { path } = await newTarget(here);
    // More than the buffers between here and there hold.
    const metadata = { filler: 'x'.repeat(16_000) };
    const finish = () => here.call(`${path}/finish`, { body: { version: '1', metadata } });
    for (let n = 0; n < 7; n += 1) await Promise.all(Array.from({ length: 100 }, finish));
    const { id, token } = await tokenOf(here, { name: unique('export'), projects: ['*'] });
    const { response, ended } = await open(`${API}/events`, token, 'application/x-ndjson');
    await here.call(`${API}/tokens/${id}`, { method: 'DELETE' });
    response.resume();
    expect((await ended).whole).toBe(false);
  }, 120_000);
});
