import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { presentTarget } from '#contracts';
import { streamOf, targetDecider, type PlacedEvent, type Target } from '#domain';
import { EventStore, NO_STREAM } from '#event-store';
import type { TestDatabase } from '../support/database.js';
import { API, startTestServer, testDatabase, unique, type TestServer } from '../support/server.js';
import { verifyAll } from '../support/verify.js';

const folder = new URL('../../libs/contracts/', import.meta.url);
const files = readdirSync(new URL('golden/', folder)).sort();
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');
const golden = files.map((file) => JSON.parse(read(`golden/${file}`)) as PlacedEvent);

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('golden events and messages', () => {
  const releases = readdirSync(new URL('releases/', folder));

  it.each(releases)('of %s stand as they were released', (release) => {
    const kept = JSON.parse(read(`releases/${release}/golden.json`)) as Record<string, string>;
    expect(Object.keys(kept).length).toBeGreaterThanOrEqual(57);
    for (const [file, digest] of Object.entries(kept)) expect([file, digestOf(read(file))]).toEqual([file, digest]);
  });
});

/** Each beginning of the golden story is the history of a target of its own. */
describe('the log of an older release', () => {
  const project = unique('golden');
  const beginnings = golden.map((event, at) => [at + 1, event.type, `after-${at + 1}`] as const);
  const positions = new Map<string, number>();
  let database: TestDatabase;
  let api: TestServer;
  let position: number;

  beforeAll(async () => {
    database = await testDatabase();
    const store = await EventStore.open({ connectionString: database.url });
    for (const [length, , key] of beginnings) positions.set(key, await append(store, key, golden.slice(0, length)));
    ({ position } = await store.head());
    await store.close();
    // Without the timekeeper, which would go on with what is due.
    api = await startTestServer(database, { SHIPLOG_ROLES: 'api,projector' });
  });
  afterAll(async () => {
    await api?.server.close();
    await database?.drop();
  });

  /** Answers the position of the first event. */
  async function append(store: EventStore, key: string, past: readonly PlacedEvent[]): Promise<number> {
    const events = past.map(({ type, data, actor, occurredAt }) => ({
      ...{ id: randomUUID(), type, occurredAt },
      data: JSON.stringify(data),
      metadata: JSON.stringify({ actor }),
    }));
    const command = { commandId: randomUUID(), fingerprint: randomBytes(32), outcome: '{}', version: events.length };
    const { commands } = await store.append({
      streams: [{ stream: streamOf(project, key), expectedHead: NO_STREAM, state: '{}' }],
      commands: [{ stream: 0, ...command, events }],
    });
    return commands[0]!.firstPosition;
  }

  const foldOf = (key: string, length: number): Target =>
    golden
      .slice(0, length)
      .map((event, at) => ({ ...event, position: positions.get(key)! + at }))
      .reduce(targetDecider.evolve, targetDecider.initial(project, key, { history: true }));

  it.each(beginnings)(
    'shows after %d events, the last %s, what the domain makes of them',
    async (length, type, key) => {
      const { status, body } = await api.call(`${API}/projects/${project}/targets/${key}?min_position=${position}`);
      if (type === 'TargetDeleted') return expect(body.code).toBe('target_not_found');
      expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(presentTarget(foldOf(key, length))))]);
    },
  );

  it('is shown event by event, as its schemas say', async () => {
    const lines = await api.call(`${API}/events?project=${project}`, { headers: { accept: 'application/x-ndjson' } });
    const shown = lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(shown.slice(-golden.length).map(({ type, data }) => ({ type, data }))).toEqual(
      golden.map(({ type, data }) => ({ type, data })),
    );
  });

  it('makes the views that a rebuild makes', async () => {
    expect(await verifyAll(database.url, position)).toEqual([]);
  });
});
