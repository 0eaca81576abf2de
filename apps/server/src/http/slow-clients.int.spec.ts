import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../test/support/database.js';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  TOKEN,
  type TestServer,
} from '../../../../test/support/server.js';
import { startServer } from '../server.js';
import { deadlines } from './adapter.js';

/** Of each of four kinds. */
const CLIENTS = 125;
const READS = 150;
/** Pages that one client asks for at once: more than the buffers of the operating system take. */
const ASKED = 40;

type Client = { readonly socket: Socket; heard: string; closed: boolean };

let database: TestDatabase;
let api: TestServer;
let path: string;
const clients: Client[] = [];

beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
  ({ path } = await newTarget(api));
  const long = { a: 'x'.repeat(15_000) };
  for (let n = 0; n < 15; n += 1) await api.call(`${path}/finish`, { body: { version: String(n), metadata: long } });
});
afterAll(async () => {
  for (const { socket } of clients) socket.destroy();
  await api?.server.close();
  await database?.drop();
});

const open = async ({ server } = api): Promise<Client> => {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const client: Client = { socket, heard: '', closed: false };
  socket.on('data', (chunk) => (client.heard += chunk.toString('latin1')));
  socket.on('error', () => undefined).on('close', () => (client.closed = true));
  await new Promise((resolve) => socket.once('connect', resolve));
  clients.push(client);
  return client;
};
const openAll = (): Promise<Client[]> => Promise.all(Array.from({ length: CLIENTS }, () => open()));

/** One byte and then another, for as long as the connection stands. */
const drip = (all: readonly Client[]): NodeJS.Timeout =>
  setInterval(() => {
    for (const { socket } of all) if (socket.writable) socket.write('x');
  }, 500);

/** Milliseconds of a read by somebody else, the median of many. */
const readTime = async (): Promise<number> => {
  const times: number[] = [];
  for (let n = 0; n < READS; n += 1) {
    const began = performance.now();
    const { status } = await api.call(`${path}/current`);
    expect(status).toBe(200);
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[READS / 2]!;
};

const closedWithin = async (all: readonly Client[], ms: number): Promise<number> => {
  const late = performance.now() + ms;
  while (all.some(({ closed }) => !closed) && performance.now() < late) await sleep(100);
  return all.filter(({ closed }) => closed).length;
};

const head = (method: string, rest: string): string =>
  `${method} ${API}/${rest} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;

describe('500 clients that send or read next to nothing', () => {
  it('slow nobody else down, and are cut off where they keep a request waiting', async () => {
    await readTime();
    const alone = await readTime();

    const silent = await openAll();
    const inHeaders = await openAll();
    for (const { socket } of inHeaders) socket.write(`${head('GET', 'current')}X-Slow: `);
    const inBody = await openAll();
    for (const { socket } of inBody)
      socket.write(`${head('POST', 'commands')}Content-Type: application/json\r\nContent-Length: 200000\r\n\r\n[`);
    const readers = await openAll();
    for (const { socket } of readers) {
      socket.pause();
      socket.write(`${head('GET', 'events?limit=200')}Connection: keep-alive\r\n\r\n`);
    }
    const dripping = drip([...inHeaders, ...inBody]);
    const beside = await readTime();

    expect(beside).toBeLessThan(alone * 2 + 5);
    expect(await closedWithin([...silent, ...inHeaders], deadlines.headersMs * 1.5)).toBe(2 * CLIENTS);
    for (const { heard } of inHeaders) expect(heard).toContain('408 Request Timeout');
    expect(await closedWithin(inBody, deadlines.requestMs)).toBe(CLIENTS);
    clearInterval(dripping);

    // Whoever was only slow to read gets all of it.
    for (const { socket } of readers) socket.resume();
    const whole = readers.map(({ heard }) => heard);
    for (const late = performance.now() + 20_000; performance.now() < late; await sleep(100)) {
      readers.forEach(({ heard }, n) => (whole[n] = heard));
      if (whole.every(isWhole)) break;
    }
    expect(whole.filter(isWhole)).toHaveLength(CLIENTS);
  }, 120_000);
});

describe('a client that does not take its answers', () => {
  const { stalledMs } = deadlines;
  let own: TestServer;
  beforeAll(async () => {
    deadlines.stalledMs = 3_000;
    own = await startTestServer(database, {}, startServer);
  });
  afterAll(async () => {
    deadlines.stalledMs = stalledMs;
    await own.server.close();
  });

  it('is cut off, and one that takes them slowly is not', async () => {
    const ask = `${head('GET', 'events?limit=200')}Connection: keep-alive\r\n\r\n`;
    const [deaf, slow] = await Promise.all([open(own), open(own)]);
    for (const { socket } of [deaf, slow]) socket.write(ask.repeat(ASKED));
    deaf.socket.pause();
    const slowly = setInterval(() => (slow.socket.isPaused() ? slow.socket.resume() : slow.socket.pause()), 50);
    await sleep(3 * deadlines.stalledMs);
    clearInterval(slowly);
    expect(slow.closed).toBe(false);
    deaf.socket.resume();
    expect(await closedWithin([deaf], 5_000)).toBe(1);
    expect(deaf.heard.split('HTTP/1.1 200').length - 1).toBeLessThan(ASKED);
  }, 30_000);
});

const isWhole = (answer: string): boolean => {
  const [, length] = /^HTTP\/1\.1 200 [\s\S]*?content-length: (\d+)/i.exec(answer) ?? [];
  return answer.split('\r\n\r\n')[1]?.length === Number(length);
};
