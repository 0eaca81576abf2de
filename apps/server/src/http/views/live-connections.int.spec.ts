import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { LiveClients, finish, has, idsOf, upTo } from '../../../../../test/support/live.js';
import { newTarget, startTestServer, testDatabase, type TestServer } from '../../../../../test/support/server.js';
import { deadlines } from '../adapter.js';

const usual = { ...deadlines };
/** Those that are about one answer or one connection, and not about what is answered. */
const OF_THE_CONNECTION = ['date', 'connection', 'keep-alive', 'transfer-encoding'];

let database: TestDatabase;
let api: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  Object.assign(deadlines, { headersMs: 200, requestMs: 200, checkMs: 50 });
  api = await startTestServer(database);
  Object.assign(deadlines, usual);
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const clients = new LiveClients();
afterEach(() => clients.cut());

/** A request whose headers never end; resolves with what it is answered when its connection has been closed. */
async function unendingRequest(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-');
  let answer = '';
  for await (const text of socket) answer += text;
  return answer;
}

describe('the connection of a live stream', () => {
  it('outlives the time that requests may take', async () => {
    const { path } = await newTarget(api);
    const client = await clients.open(api);
    // It began after the stream, and is over.
    expect(await unendingRequest(api.server.url)).toMatch(/^HTTP\/1\.1 408 /);
    const head = await finish(api, path, 2);
    await client.until(has(head));
    expect([idsOf(client), client.isClosed]).toEqual([upTo(head, head - idsOf(client).length), false]);
    expect(idsOf(client).length).toBeGreaterThan(1);
  });

  it('has the headers that HEAD is answered', async () => {
    const [get, head] = [await clients.open(api), await clients.open(api, { method: 'HEAD' })];
    const shown = ({ headers }: typeof get) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));
    expect([head.status, shown(head)]).toEqual([get.status, shown(get)]);
    expect(shown(head)).toMatchObject({ 'content-type': 'text/event-stream', 'x-content-type-options': 'nosniff' });
    await head.closed();
    expect(head.isWhole).toBe(true);
  });
});
