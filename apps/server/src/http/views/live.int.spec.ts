import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { LiveClients, finish, has, idsOf, upTo } from '../../../../../test/support/live.js';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type TestServer,
} from '../../../../../test/support/server.js';
import { startServer } from '../../server.js';
import { pace } from './live-client.js';

let database: TestDatabase;
let api: TestServer;
let other: TestServer;
beforeAll(async () => {
  database = await testDatabase();
  [api, other] = await Promise.all([
    startTestServer(database, {}, startServer),
    startTestServer(database, {}, startServer),
  ]);
});
afterAll(async () => {
  await Promise.all([api?.server.close(), other?.server.close()]);
  await database?.drop();
});

const clients = new LiveClients();
afterEach(() => clients.cut());
type Open = Parameters<LiveClients['open']>[1];
const open = ({ at = api, ...how }: Open & { at?: TestServer } = {}) => clients.open(at, how);
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
    const head = await finish(api, path, 3);
    const client = await (await open({ from: 0 })).until(has(head));
    expect(client.messages.map(({ data }) => data)).toEqual(await lines());
    expect(idsOf(client)).toEqual(upTo(head));
    expect(client.others).toEqual([expect.stringMatching(/^retry: \d+$/)]);
  });

  it('begins with what comes, unless it is told where to go on', async () => {
    const { path } = await newTarget(api);
    const before = await finish(api, path);
    const [fresh, again, behind] = await Promise.all([
      open(),
      open({ from: before - 1 }),
      open({ query: `after=${before - 1}` }),
    ]);
    const head = await finish(api, path, 2);
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
    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/: is beyond the end of the log, which is \d+$/),
    ]);
  });

  it('filters as GET /events does, what was and what comes', async () => {
    const { project, path } = await newTarget(api);
    await api.call(`${API}/projects/${project}/targets`, { body: { key: 'other/one' } });
    await finish(api, path, 2);
    const queries = [
      `project=${project}`,
      `project=${project}&target=other/one`,
      'target=production',
      `project=${project}&type=DeploymentSuperseded&type=TargetCreated`,
    ];
    const [all, ...filtered] = await Promise.all([
      open({ from: 0 }),
      ...queries.map((query) => open({ query, from: 0 })),
      ...queries.map((query) => open({ query })),
    ]);
    await finish(api, `${API}/projects/${project}/targets/other%2Fone`, 2);
    await newTarget(api);
    const head = await finish(api, path, 2);
    await all!.until(has(head));
    const since = (after: number) =>
      Promise.all(queries.map(async (query) => (await lines(`after=${after}&${query}`)).at(-1)));
    const lasts = [...(await since(0)), ...(await since(0))];
    await Promise.all(
      filtered.map((client, index) => client.until(({ messages }) => messages.at(-1)?.data === lasts[index])),
    );
    for (const [index, query] of queries.entries()) {
      const whole = (await lines(query)).map((line) => JSON.parse(line).position);
      expect(idsOf(filtered[index]!)).toEqual(whole);
      expect(whole.join().endsWith(idsOf(filtered[index + queries.length]!).join())).toBe(true);
    }
  });

  it('shows a client of one replica what another has written', async () => {
    const { path } = await newTarget(api);
    const client = await open({ at: other });
    const head = await finish(api, path, 5);
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
    for (const { path } of [a, b, c]) await finish(api, path, 2);
    const head = await finish(api, c.path);
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
    const head = await finish(api, path);
    await Promise.all([here, there].map((client) => client.until(has(head))));
    const began = performance.now();
    expect((await api.call(`${API}/tokens/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
    await Promise.all([here.closed(), there.closed()]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await open({ token })).status).toBe(401);
  });
});
