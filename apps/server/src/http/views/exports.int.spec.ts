import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamOf } from '#domain';
import { EventStore } from '#event-store';
import { decided, newEvent, newStream, write } from '#event-store/testing';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { API, TOKEN, startTestServer, testDatabase, type TestServer } from '../../../../../test/support/server.js';

const EVENTS = 1_500;
const SIZE = 20_000;

let database: TestDatabase;
let api: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  const store = await EventStore.open({ connectionString: database.url });
  const events = Array.from({ length: EVENTS }, (_, index) =>
    newEvent({
      type: 'DeploymentChanged',
      data: JSON.stringify({ number: index + 1, text: textOf(index + 1) }),
      metadata: '{"actor":{"id":"ci","kind":"service"}}',
    }),
  );
  await write(store, { ...newStream(), stream: streamOf('shop', 'production') }, decided(events));
  await store.close();
  api = await startTestServer(database, { SHIPLOG_ROLES: 'api' });
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

/** Another one for each event, all along. */
const textOf = (position: number): string => `${position},`.repeat(SIZE / `${position},`.length);

const open = async (): Promise<IncomingMessage> => {
  const headers = { accept: 'application/x-ndjson', authorization: `Bearer ${TOKEN}` };
  const [response] = await once(get(`${api.server.url}${API}/events`, { headers, agent: false }), 'response');
  return response as IncomingMessage;
};

const read = async (response: IncomingMessage, pauseMs: number): Promise<string[]> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    if (chunks.length % 20 === 0) await sleep(pauseMs);
  }
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1);
};

describe('an export of much', () => {
  it('brings each client every event as it is, whether it reads fast or slowly', async () => {
    const readers = [0, 1, 10].map(async (pauseMs) => read(await open(), pauseMs));
    for (const lines of await Promise.all(readers)) {
      const events = lines.map((line) => JSON.parse(line) as { position: number; data: { text: string } });
      expect(events.map(({ position }) => position)).toEqual(Array.from({ length: EVENTS }, (_, index) => index + 1));
      expect(events.filter(({ position, data }) => data.text !== textOf(position))).toEqual([]);
    }
  });
});
