import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import {
  API,
  TOKEN,
  newTarget,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type TestServer,
} from '../../../../../test/support/server.js';
import { SseClient } from '../../../../../test/support/sse.js';
import { pace } from './live-client.js';
import { LogReader } from './log-reader.js';

let database: TestDatabase;
let api: TestServer;
let other: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  [api, other] = await Promise.all([startTestServer(database), startTestServer(database)]);
});
afterAll(async () => {
  await Promise.all([api?.server.close(), other?.server.close()]);
  await database?.drop();
});

const opened = new Set<SseClient>();
afterEach(async () => {
  for (const client of opened) client.cut();
  await Promise.all([...opened].map((client) => client.closed()));
  opened.clear();
});

type Open = Readonly<{ query?: string; from?: number | string; at?: TestServer; token?: string; method?: string }>;
const open = async ({ query = '', from, at = api, token = TOKEN, method = 'GET' }: Open = {}): Promise<SseClient> => {
  const headers = from === undefined ? {} : { 'last-event-id': String(from) };
  const client = new SseClient(`${at.server.url}${API}/events/live?${query}`, { token, headers, method });
  opened.add(client);
  return client.opened();
};
const finish = async (path: string, times = 1, at = api): Promise<number> => {
  let position = 0;
  for (let n = 0; n < times; n += 1)
    ({ position } = (await at.call(`${path}/finish`, { body: { version: unique('v') } })).body);
  return position;
};
const has = (position: number) => (client: SseClient) => client.messages.some(({ id }) => id === String(position));
const idsOf = ({ messages }: SseClient): number[] => messages.map(({ id }) => Number(id));
const upTo = (position: number, after = 0): number[] =>
  Array.from({ length: position - after }, (_, index) => after + index + 1);
const lines = async (query = ''): Promise<string[]> =>
  (await api.call(`${API}/events?${query}`, { headers: { accept: 'application/x-ndjson' } })).text
    .split('\n')
    .filter((line) => line !== '');

describe('the live stream', () => {
  it('is a stream of events for any client and any proxy, and is there at once', async () => {
    const { status, headers } = await open();
    expect([status, headers['content-type'], headers['cache-control'], headers['x-accel-buffering']]).toEqual([
      200,
      'text/event-stream',
      'no-cache, no-store, no-transform',
      'no',
    ]);
    expect(headers).not.toHaveProperty('content-length');
  });

  it('sends each event as GET /events has it, on one line, with its position as the id', async () => {
    const { path } = await newTarget(api, { description: 'a\nb\u2028"' });
    const head = await finish(path, 3);
    const client = await (await open({ from: 0 })).until(has(head));
    expect(client.messages.map(({ data }) => data)).toEqual(await lines());
    expect(idsOf(client)).toEqual(upTo(head));
    expect(client.others).toEqual([expect.stringMatching(/^retry: \d+$/)]);
  });

  it('begins with what comes, unless it is told where to go on', async () => {
    const { path } = await newTarget(api);
    const before = await finish(path);
    const [fresh, again, behind] = await Promise.all([
      open(),
      open({ from: before - 1 }),
      open({ query: `after=${before - 1}` }),
    ]);
    const head = await finish(path, 2);
    await Promise.all([fresh, again, behind].map((client) => client.until(has(head))));
    expect(idsOf(fresh)).toEqual(upTo(head, before));
    expect(idsOf(again)).toEqual(upTo(head, before - 1));
    expect(idsOf(behind)).toEqual(upTo(head, before - 1));
    expect(idsOf(await (await open({ query: 'after=0', from: head - 1 })).until(has(head)))).toEqual([head]);
  });

  it.each(['x', '-1', '1.5', '1e3', '', ' ', '99999999999999999', '9007199254740993', '1, 2'])(
    'refuses %j as the last id',
    async (from) => {
      const { status, body } = await api.call(`${API}/events/live`, { headers: { 'last-event-id': from } });
      expect([status, body.errors[0].field]).toEqual([400, 'Last-Event-ID']);
    },
  );

  it('refuses a last id that no event of this log can have had', async () => {
    const { position } = (await api.call(`${API}/status`)).body;
    const { status, body } = await api.call(`${API}/events/live`, {
      headers: { 'last-event-id': `${position + 1_000}` },
    });
    expect([status, body.detail]).toEqual([400, expect.stringContaining('behind the end of the log')]);
  });

  it('filters as GET /events does, what was and what comes', async () => {
    const { project, path } = await newTarget(api);
    await api.call(`${API}/projects/${project}/targets`, { body: { key: 'other/one' } });
    await finish(path, 2);
    const queries = [
      `project=${project}`,
      `project=${project}&target=other/one`,
      'target=production',
      `project=${project}&type=DeploymentSuperseded&type=TargetCreated`,
    ];
    const [all, ...clients] = await Promise.all([
      open({ from: 0 }),
      ...queries.map((query) => open({ query, from: 0 })),
      ...queries.map((query) => open({ query })),
    ]);
    await finish(`${API}/projects/${project}/targets/other%2Fone`, 2);
    await newTarget(api);
    const head = await finish(path, 2);
    await all!.until(has(head));
    const since = (after: number) =>
      Promise.all(queries.map(async (query) => (await lines(`after=${after}&${query}`)).at(-1)));
    const lasts = [...(await since(0)), ...(await since(0))];
    await Promise.all(
      clients.map((client, index) => client.until(({ messages }) => messages.at(-1)?.data === lasts[index])),
    );
    for (const [index, query] of queries.entries()) {
      const whole = (await lines(query)).map((line) => JSON.parse(line).position);
      expect(idsOf(clients[index]!)).toEqual(whole);
      expect(whole.join().endsWith(idsOf(clients[index + queries.length]!).join())).toBe(true);
    }
  });

  it('shows a client of one replica what another has written', async () => {
    const { path } = await newTarget(api);
    const client = await open({ at: other });
    const head = await finish(path, 5);
    await client.until(has(head));
    expect(idsOf(client)).toEqual(upTo(head, head - 9));
  });

  it('waits for a position before it begins, and answers HEAD with headers only', async () => {
    const { position } = (await api.call(`${API}/status`)).body;
    const { status, body } = await api.call(`${API}/events/live?min_position=${position + 1_000}`);
    expect([status, body.code]).toEqual([503, 'view_behind']);
    const { headers, ...head } = await open({ method: 'HEAD' });
    expect([head.status, headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect((await api.call(`${API}/events/live?limit=3`)).status).toBe(400);
    expect((await api.call(`${API}/events/live`, { token: null })).status).toBe(401);
  });

  it('says now and then that it is there, and counts who listens', async () => {
    const { commentMs } = pace;
    pace.commentMs = 20;
    const client = await open().finally(() => (pace.commentMs = commentMs));
    await client.until(({ others }) => others.filter((line) => line === ':').length >= 3);
    expect(await openStreams()).toBe(1);
    client.cut();
    while ((await openStreams()) > 0) await new Promise(setImmediate);
  });

  const openStreams = async (): Promise<number> =>
    Number(/^shiplog_live_streams (\d+)$/m.exec((await api.call('/metrics')).text)![1]);
});

describe('a token of some projects', () => {
  const tokenOf = async (projects: string[]): Promise<{ id: string; token: string }> => {
    const body = { name: unique('token'), scopes: ['deployments:read'], projects };
    const created = await api.call(`${API}/tokens`, { body });
    expect(created.status).toBe(201);
    return created.body;
  };
  const projectOf = (line: string): string => (JSON.parse(line) as Loose).project;

  it('is shown these and nothing of others: in pages, lines and streams', async () => {
    const [a, b, c] = [await newTarget(api), await newTarget(api), await newTarget(api)];
    const { token } = await tokenOf([a.project, c.project]);
    const watching = await open({ token, from: 0 });
    const curious = await open({ token, query: `project=${b.project}`, from: 0 });
    for (const { path } of [a, b, c]) await finish(path, 2);
    const head = await finish(c.path);
    await watching.until(has(head));
    const mine = (await lines()).filter((line) => [a.project, c.project].includes(projectOf(line)));
    expect(watching.messages.map(({ data }) => data)).toEqual(mine);
    const exported = await api.call(`${API}/events`, { token, headers: { accept: 'application/x-ndjson' } });
    expect(exported.text).toBe(mine.map((line) => `${line}\n`).join(''));
    const page = (await api.call(`${API}/events?limit=200`, { token })).body;
    expect(page).toEqual({ items: mine.map((line) => JSON.parse(line)), nextCursor: null });
    expect(curious.messages).toEqual([]);
    for (const project of [b.project, unique('none')])
      expect((await api.call(`${API}/events?project=${project}`, { token })).body).toEqual({
        items: [],
        nextCursor: null,
      });
  });

  it('has its streams ended within 5 seconds of its end', async () => {
    const { project, path } = await newTarget(api);
    const { id, token } = await tokenOf([project]);
    const [here, there] = await Promise.all([open({ token }), open({ token, at: other })]);
    const head = await finish(path);
    await Promise.all([here, there].map((client) => client.until(has(head))));
    const began = performance.now();
    expect((await api.call(`${API}/tokens/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
    await Promise.all([here.closed(), there.closed()]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await open({ token })).status).toBe(401);
  });
});

describe('a client that does not read', () => {
  const big = { metadata: { text: 'x'.repeat(15_000) } };

  it('is dropped once too much waits for it, and goes on where it was', async () => {
    const { project, path } = await newTarget(api);
    const query = `project=${project}`;
    const slow = await open({ query });
    const quick = await open({ query });
    const first = await finish(path);
    await Promise.all([slow, quick].map((client) => client.until(has(first))));
    slow.pause();
    // The buffers of two sockets have to be full before anything waits in the process.
    for (let sent = 0; sent < 40; sent += 1)
      await Promise.all(
        Array.from({ length: 20 }, () => api.call(`${path}/finish`, { body: { version: unique('v'), ...big } })),
      );
    const head = await finish(path);
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
    const head = await finish(path, 20);
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
    const shown = jest.spyOn(LogReader.prototype, 'texts');
    const presented = () => shown.mock.calls.reduce((count, [events]) => count + events.length, 0);
    const { position } = (await api.call(`${API}/status`)).body;
    const client = new SseClient(`${api.server.url}${API}/events`, {
      token: TOKEN,
      headers: { accept: 'application/x-ndjson' },
    });
    opened.add(await client.opened());
    client.pause();
    for (let before = -1; presented() > before; await pause(300)) before = presented();
    expect(await isIdle()).toBe(true);
    const held = presented();
    client.cut();
    await client.closed();
    await pause(300);
    expect([presented(), await isIdle()]).toEqual([held, true]);
    // The test before this one has left some 25 MB.
    expect(held).toBeLessThan(position);
    shown.mockRestore();
  });
});

describe('a process that stops', () => {
  it('ends its streams at once, and the client goes on elsewhere', async () => {
    const stopping = await startTestServer(database);
    const { path } = await newTarget(api);
    const client = await open({ at: stopping });
    const stalled = await open({ at: stopping, from: 0 });
    stalled.pause();
    const head = await finish(path);
    await client.until(has(head));
    const began = performance.now();
    const stopped = stopping.server.close();
    await client.closed();
    expect(performance.now() - began).toBeLessThan(1_000);
    await stopped;
    expect(performance.now() - began).toBeLessThan(5_000);
    const next = await finish(path);
    expect(idsOf(await (await open({ from: idsOf(client).at(-1)! })).until(has(next)))).toEqual(upTo(next, head));
  });
});
