import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, EventStore } from '#event-store';
import { projections, rebuild, verify } from '#projections';
import type { TestDatabase } from '../support/database.js';
import { Past, standingAt, type By, type Line } from '../support/past.js';
import { randomFrom, type Random } from '../support/random.js';
import { API, startTestServer, testDatabase, type Loose, type TestServer } from '../support/server.js';

const SEED = Number(process.env['TEST_SEED'] ?? 20_261_121);
const COMMANDS = 800;
const MOMENTS = 120;
const PLACES = ['a/one', 'a/two', 'a/review/42', 'ä b/one', 'ä b/two', 'ä b/three', 'z/one'].map((place) => {
  const [project, ...key] = place.split('/') as [string, ...string[]];
  return { project, key: key.join('/') };
});
const TYPES = ['unmapped', 'development', 'testing', 'staging', 'production'];

let database: TestDatabase;
let api: TestServer;
let past: Past;
let log: Line[];
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
  const began = Date.now();
  await live(randomFrom(SEED), began);
  log = await exported();
  past = new Past(log);
}, 300_000);
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

/** The highest number of each target. */
const newest = new Map<string, number>();

type Order = Readonly<{ path: string; method?: string; body: object }>;

/** Everything that can happen to targets, much of it reported late, some of it refused. */
const live = async (random: Random, began: number): Promise<void> => {
  for (const { project, key } of PLACES)
    await send(project, { path: '', body: { key, environmentType: pick(random, TYPES) } });
  for (let sent = 0; sent < COMMANDS;) {
    // What is under way together is recorded together.
    const together = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const { project, key } = pick(random, PLACES);
      const late = random() < 0.4 ? { occurredAt: momentBefore(random, began) } : {};
      const { path, method = 'POST', body } = anOrder(random, key, newest.get(`${project}/${key}`) ?? 1);
      return send(project, { path, method, body: { ...body, ...late } });
    });
    await Promise.all(together);
    sent += together.length;
  }
};

/** One of a few minutes, so that several things happen at once; the first ones lie before the first event was recorded. */
const momentBefore = (random: Random, began: number): string =>
  new Date(began - 60_000 * Math.floor(random() * 120)).toISOString();

const anOrder = (random: Random, key: string, newest: number): Order => {
  const target = `/${encodeURIComponent(key)}`;
  const version = `${1 + Math.floor(random() * 4)}.0`;
  const branch = pick(random, ['main', 'dev']);
  const release = { version, commitRefs: [{ repository: 'web', branch, commit: `abc${version}` }] };
  const given = `${target}/deployments/${Math.max(1, newest - Math.floor(random() * 5))}`;
  const orders: ReadonlyArray<readonly [weight: number, order: Order]> = [
    [6, { path: `${target}/finish`, body: release }],
    [4, { path: `${target}/start`, body: { ...release, metadata: { build: Math.floor(random() * 9) } } }],
    [2, { path: `${target}/schedule`, body: release }],
    [2, { path: `${target}/cancel`, body: release }],
    [2, { path: `${target}/fail`, body: { ...release, reason: 'no' } }],
    [2, { path: `${target}/rollback`, body: {} }],
    [5, { path: `${given}/finish`, body: {} }],
    [3, { path: `${given}/fail`, body: { reason: 'after all' } }],
    [3, { path: `${given}/retire`, body: {} }],
    [5, { path: given, method: 'PATCH', body: { description: `changed to ${version}`, version } }],
    [1, { path: given, method: 'DELETE', body: {} }],
    [2, { path: target, method: 'PATCH', body: { environmentType: pick(random, TYPES) } }],
    [1, { path: target, method: 'DELETE', body: {} }],
    [3, { path: '', body: { key, environmentType: pick(random, TYPES) } }],
  ];
  let left = random() * orders.reduce((sum, [weight]) => sum + weight, 0);
  return orders.find(([weight]) => (left -= weight) < 0)![1];
};

const send = async (project: string, { path, method, body }: Order): Promise<void> => {
  const {
    status,
    text,
    body: answer,
  } = await api.call(`${API}/projects/${encodeURIComponent(project)}/targets${path}`, {
    body,
    ...(method && { method }),
  });
  if (![200, 201, 404, 409, 422].includes(status)) throw new Error(`${method} ${path}: ${text}`);
  const made = answer.deployment;
  if (made)
    newest.set(`${project}/${made.target}`, Math.max(newest.get(`${project}/${made.target}`) ?? 1, made.number));
};

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

const exported = async (): Promise<Line[]> => {
  const { text } = await api.call(`${API}/events`, { headers: { accept: 'application/x-ndjson' } });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

/** On an event, next to one, between two, before all and after all. */
const aMoment = (random: Random, by: By): string => {
  const times = log.map((line) => (by === 'recorded' ? line.recordedAt : line.occurredAt)).sort();
  const dice = random();
  if (dice < 0.02) return '0001-01-01T00:00:00.000000Z';
  if (dice < 0.04) return '9999-12-31T23:59:59.999999Z';
  const at = pick(random, times);
  return dice < 0.6 ? at : shifted(at, dice < 0.8 ? 1 : -1);
};

/** A moment, some microseconds later. */
const shifted = (at: string, by: number): string => {
  const micros = BigInt(Date.parse(at)) * 1000n + BigInt(at.slice(23, 26)) + BigInt(by);
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`;
};

const everyItem = async (path: string): Promise<Loose[]> => {
  const items: Loose[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await api.call(`${path}${cursor && `&cursor=${cursor}`}`);
    expect([path, status]).toEqual([path, 200]);
    items.push(...body.items);
    if (body.nextCursor === null) return items;
    cursor = body.nextCursor;
  }
};

const axes: readonly By[] = ['recorded', 'occurred'];
const asked = (by: By, at: string): string => `at=${encodeURIComponent(at)}${by === 'recorded' ? '' : '&by=occurred'}`;

const expectTheLists = async (random: Random, by: By): Promise<void> => {
  for (let count = 0; count < MOMENTS; count += 1) {
    const at = aMoment(random, by);
    const list = `${API}/current?${asked(by, at)}&limit=${3 + Math.floor(random() * 10)}&min_position=${log.length}`;
    expect({ at, items: await everyItem(list) }).toEqual({ at, items: past.currentAt(by, at) });
    const [type, { project }] = [pick(random, TYPES), pick(random, PLACES)];
    expect(await everyItem(`${list}&environmentType=${type}`)).toEqual(
      past.currentAt(by, at, (stood) => stood.type === type),
    );
    expect(await everyItem(`${list}&project=${encodeURIComponent(project)}`)).toEqual(
      past.currentAt(by, at, (_, each) => each === project),
    );
  }
};

const expectTheSingleOnes = async (random: Random, by: By): Promise<void> => {
  for (let count = 0; count < MOMENTS; count += 1) {
    const at = aMoment(random, by);
    const { project, target, moments } = pick(random, past.targets(by));
    const path = `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(target)}`;
    const { status, headers, body } = await api.call(`${path}/current?${asked(by, at)}&min_position=${log.length}`);
    const shown = standingAt(moments, at)?.shown ?? null;
    if ((await api.call(path)).status === 404) expect([status, body.code]).toEqual([404, 'target_not_found']);
    else if (shown === null) expect([status, body.code]).toEqual([404, 'no_current_deployment']);
    else expect([status, body, headers.get('etag')]).toEqual([200, shown, expect.stringMatching(/^"[\w-]+"$/)]);
  }
};

const expectTheDifferences = async (random: Random, by: By): Promise<void> => {
  for (let count = 0; count < MOMENTS / 4; count += 1) {
    const [from, to] = [aMoment(random, by), aMoment(random, by)].sort() as [string, string];
    const window = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
    const items = await everyItem(`${API}/diff?${window}&by=${by}&limit=3&min_position=${log.length}`);
    const bare = items.map(({ before, after, ...rest }) => ({
      ...rest,
      before: bareTenure(before),
      after: bareTenure(after),
    }));
    expect({ from, to, items: bare }).toEqual({ from, to, items: past.differences(by, from, to) });
  }
};

/** Without the seconds, which are those between its moments. */
const bareTenure = (tenure: Loose): Loose => {
  if (tenure === null) return null;
  const { seconds, ...rest } = tenure;
  const until = rest.until === null ? new Date().toISOString() : rest.until;
  const passed = (Date.parse(until) - Date.parse(rest.since)) / 1000;
  expect(Math.abs(seconds - Math.max(0, passed))).toBeLessThan(rest.until === null ? 30 : 0.01);
  return rest;
};

describe.each(['as the log was followed', 'as rebuilt from the log'])('The past, %s,', (way) => {
  beforeAll(async () => {
    if (way !== 'as rebuilt from the log') return;
    const store = await EventStore.open({ connectionString: database.url });
    const pool = createPool({ connectionString: database.url, max: 2 });
    const tenures = projections.find(({ name }) => name === 'tenures')!;
    try {
      expect(await verify(tenures, { pool, log: store })).toMatchObject({ position: log.length, differing: 0 });
      expect(await rebuild(tenures, { pool, log: store })).toBe(log.length);
    } finally {
      await pool.end();
      await store.close();
    }
  });

  it.each(axes)('is what a fold of the exported log makes of it, in lists, by %s', async (by) => {
    await expectTheLists(randomFrom(SEED + 1), by);
  });

  it.each(axes)('is what a fold of the exported log makes of it, on one target, by %s', async (by) => {
    await expectTheSingleOnes(randomFrom(SEED + 2), by);
  });

  it.each(axes)('differs between two moments by what the fold says, by %s', async (by) => {
    await expectTheDifferences(randomFrom(SEED + 3), by);
  });
});

describe('The history of the test', () => {
  it('has all that makes the past hard to tell', () => {
    const count = (is: (line: Line, index: number) => boolean) => log.filter(is).length;
    expect(count(({ type }) => type === 'TargetDeleted')).toBeGreaterThan(5);
    expect(count(({ type, version }) => type === 'TargetCreated' && version > 1)).toBeGreaterThan(5);
    expect(count(({ data }) => data.recoveredFrom !== undefined)).toBeGreaterThan(5);
    expect(count(({ data }) => data.rollbackOf !== undefined)).toBeGreaterThan(5);
    expect(count(({ data }) => data.from === 'current' && data.status === 'current')).toBeGreaterThan(5);
    expect(count(({ recordedAt }, index) => recordedAt === log[index - 1]?.recordedAt)).toBeGreaterThan(100);
    const differ = [...new Set(log.map(({ recordedAt }) => recordedAt))].filter(
      (at) => JSON.stringify(past.currentAt('recorded', at)) !== JSON.stringify(past.currentAt('occurred', at)),
    );
    expect(differ.length).toBeGreaterThan(100);
  });
});
