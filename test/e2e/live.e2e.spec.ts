import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { pace } from '../../apps/server/src/http/views/live-client.js';
import { startServer } from '../../apps/server/src/server.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import type { TestDatabase } from '../support/database.js';
import { newAttempt, settle } from '../support/history.js';
import { API, startTestServer, testDatabase, TOKEN, type TestServer } from '../support/server.js';
import { SseClient } from '../support/sse.js';

const WRITERS = 6;
const CUTS = 50;
const LIVE = `${API}/events/live`;

type Seen = Array<Readonly<{ id: number; data: string }>>;

describe('clients of the live stream that are cut fifty times while much is written', () => {
  const { retryMs } = pace;
  let database: TestDatabase;
  let writing: TestServer;
  let streaming: TestServer;
  let stopped = false;
  let writers: Promise<void>[];
  const start = (): Promise<TestServer> => startTestServer(database, {}, startServer);

  /** Finishes on a target of its own until told to stop, over whichever replica answers. */
  const write = async (key: string): Promise<void> => {
    let turn = 0;
    const anyUrl = (): string => ((turn += 1) % 2 === 0 ? writing : streaming).server.url;
    await settle(newAttempt('/projects/live/targets', { key }), anyUrl, TOKEN);
    for (let n = 1; !stopped; n += 1)
      await settle(newAttempt(`/projects/live/targets/${key}/finish`, { version: `${n}` }), anyUrl, TOKEN);
  };

  beforeAll(async () => {
    pace.retryMs = 100;
    database = await testDatabase();
    [writing, streaming] = await Promise.all([start(), start()]);
    writers = Array.from({ length: WRITERS }, (_, n) => write(`t${n}`));
  });
  afterAll(async () => {
    pace.retryMs = retryMs;
    stopped = true;
    await Promise.all(writers ?? []);
    await Promise.all([writing?.server.close(), streaming?.server.close()]);
    await database?.drop();
  });

  /** Cuts the connection now and then, the whole replica once, until all cuts are done. */
  const cutOften = async (proxies: readonly CuttingProxy[]): Promise<number[]> => {
    const cuts = proxies.map(() => 0);
    for (let round = 1; cuts.some((count) => count < CUTS); round += 1) {
      await pause(50 + 200 * Math.random());
      for (const [index, proxy] of proxies.entries()) cuts[index]! += proxy.cut();
      if (round === 25) await restart(proxies);
    }
    return cuts;
  };
  const restart = async (proxies: readonly CuttingProxy[]): Promise<void> => {
    await streaming.server.close();
    streaming = await start();
    for (const proxy of proxies) proxy.leadTo(streaming.server.url);
  };

  /** The client of browsers, which comes again by itself. */
  const openEventSource = (url: string, seen: Seen): EventSource => {
    const source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${TOKEN}` } }),
    });
    source.addEventListener('message', ({ lastEventId, data }) => seen.push({ id: Number(lastEventId), data }));
    return source;
  };

  /** Comes again at once, behind the last message that it has whole. */
  const followByHand = async (url: string, seen: Seen, isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      const client = new SseClient(url, { token: TOKEN, headers: { 'last-event-id': `${seen.at(-1)?.id ?? 0}` } });
      await client.until(({ isClosed }) => isClosed || isDone());
      client.cut();
      seen.push(...client.messages.map(({ id, data }) => ({ id: Number(id), data })));
      if (client.status === 0) await pause(20);
    }
  };

  it('see every position once and in order, over a restart of the replica too', async () => {
    const proxies = await Promise.all([1, 2].map(() => CuttingProxy.to(streaming.server.url)));
    const [byBrowser, byHand]: [Seen, Seen] = [[], []];
    const source = openEventSource(`${proxies[0]!.url}${LIVE}?after=0`, byBrowser);
    let isDone = false;
    const following = followByHand(`${proxies[1]!.url}${LIVE}`, byHand, () => isDone);
    const cuts = await cutOften(proxies);
    stopped = true;
    await Promise.all(writers);
    const log = await readLog();
    while (byBrowser.at(-1)?.id !== log.length) await pause(20);
    isDone = true;
    proxies[1]!.cut();
    await following;
    source.close();
    const rest = await new SseClient(`${writing.server.url}${LIVE}`, {
      token: TOKEN,
      headers: { 'last-event-id': `${byHand.at(-1)!.id}` },
    }).until(({ messages }) => byHand.length + messages.length >= log.length);
    rest.cut();
    byHand.push(...rest.messages.map(({ id, data }) => ({ id: Number(id), data })));
    for (const proxy of proxies) proxy.close();

    expect(Math.min(...cuts)).toBeGreaterThanOrEqual(CUTS);
    // So much at least that every stretch between two cuts has something to lose.
    expect(log.length).toBeGreaterThan(2 * CUTS);
    const every = log.map((_, index) => index + 1);
    for (const seen of [byBrowser, byHand]) {
      expect(seen.map(({ id }) => id)).toEqual(every);
      expect(seen.map(({ data }) => data)).toEqual(log);
    }
  }, 240_000);

  const readLog = async (): Promise<string[]> => {
    const { text } = await writing.call(`${API}/events`, { headers: { accept: 'application/x-ndjson' } });
    return text.split('\n').slice(0, -1);
  };
});
