import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { LiveClients, finish, has, idsOf, upTo } from '../../../../../test/support/live.js';
import { API, TOKEN, newTarget, startTestServer, unique, type TestServer } from '../../../../../test/support/server.js';
import { SseClient } from '../../../../../test/support/sse.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { startServer } from '../../server.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { patience } from './events.controller.js';
import { LogReader } from './log-reader.js';

const api = suiteServer({}, startServer);

const clients = new LiveClients();
afterEach(() => clients.cut());
type Open = Parameters<LiveClients['open']>[1];
const open = ({ at = api, ...how }: Open & { at?: TestServer } = {}) => clients.open(at, how);

describe('a client that does not read', () => {
  const big = { metadata: { text: 'x'.repeat(15_000) } };

  it('is dropped once too much waits for it, and goes on where it was', async () => {
    const { project, path } = await newTarget(api);
    const query = `project=${project}`;
    const slow = await open({ query });
    const quick = await open({ query });
    const first = await finish(api, path);
    await Promise.all([slow, quick].map((client) => client.until(has(first))));
    slow.pause();
    // The buffers of two sockets have to be full before anything waits in the process.
    for (let sent = 0; sent < 40; sent += 1)
      await Promise.all(
        Array.from({ length: 20 }, () => api.call(`${path}/finish`, { body: { version: unique('v'), ...big } })),
      );
    const head = await finish(api, path);
    await quick.until(has(head));
    slow.resume();
    await slow.closed();
    const last = idsOf(slow).at(-1)!;
    expect(last).toBeLessThan(head);
    const again = await (await open({ query, from: last })).until(has(head));
    expect([...idsOf(slow), ...idsOf(again)]).toEqual(idsOf(quick));
  });

  it('is waited for while it catches up', async () => {
    const { position } = (await api.call(`${API}/status`)).body;
    const slow = await open({ from: 0 });
    slow.pause();
    const { path } = await newTarget(api);
    const head = await finish(api, path, 20);
    slow.resume();
    await slow.until(has(head));
    expect(idsOf(slow)).toEqual(upTo(head));
    expect(head).toBeGreaterThan(position);
  });
});

describe('an export that is not read', () => {
  const log = /^shiplog_postgres_pool_connections\{pool="log",state="busy"\} (\d+)$/m;
  const isIdle = async (): Promise<boolean> => log.exec((await api.call('/metrics')).text)![1] === '0';

  it('is read no further than the buffers take, and no more once its client has gone', async () => {
    const lines = Object.getOwnPropertyDescriptor(LogReader.prototype, 'lines')!.value as LogReader['lines'];
    let made = 0;
    const spy = jest.spyOn(LogReader.prototype, 'lines').mockImplementation(async function* (
      this: LogReader,
      ...asked
    ) {
      for await (const piece of lines.apply(this, asked)) {
        made += piece.toString().split('\n').length - 1;
        yield piece;
      }
    });
    const { position } = (await api.call(`${API}/status`)).body;
    const client = new SseClient(`${api.server.url}${API}/events`, {
      token: TOKEN,
      headers: { accept: 'application/x-ndjson' },
    });
    await clients.keep(client);
    client.pause();
    for (let before = -1; made > before; await pause(1_000)) before = made;
    expect(await isIdle()).toBe(true);
    const held = made;
    client.cut();
    await client.closed();
    await pause(300);
    expect([made, await isIdle()]).toEqual([held, true]);
    // The test before this one has left some 25 MB.
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(position);
    spy.mockRestore();
  });

  it('is cut after a while, and its place is free again', async () => {
    const left = jest.spyOn(ConcurrencyLimit.prototype, 'leave');
    const { pieceMs } = patience;
    patience.pieceMs = 300;
    const client = new SseClient(`${api.server.url}${API}/events`, {
      token: TOKEN,
      headers: { accept: 'application/x-ndjson' },
    });
    await clients.keep(client);
    client.pause();
    while (left.mock.calls.length === 0) await pause(20);
    patience.pieceMs = pieceMs;
    left.mockRestore();
    client.resume();
    await client.closed();
    expect(client.isWhole).toBe(false);
  }, 30_000);
});

describe('a process that stops', () => {
  it('ends its streams at once, and the client goes on elsewhere', async () => {
    const stopping = await startTestServer(api.database);
    const { path } = await newTarget(api);
    const client = await open({ at: stopping });
    const stalled = await open({ at: stopping, from: 0 });
    stalled.pause();
    const head = await finish(api, path);
    await client.until(has(head));
    const began = performance.now();
    const stopped = stopping.server.close();
    await client.closed();
    await stopped;
    expect(performance.now() - began).toBeLessThan(5_000);
    const next = await finish(api, path);
    expect(idsOf(await (await open({ from: idsOf(client).at(-1)! })).until(has(next)))).toEqual(upTo(next, head));
  });
});
