import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { batchOf, decided, newEvent, newStream, write } from '#event-store/testing';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import {
  createPool,
  EventStore,
  eventStoreMigrations,
  isTooSlow,
  passes,
  readRange,
  readRows,
  type EventFilter,
  type EventRange,
  type Pool,
  type RangeEvent,
} from './index.js';

let database: TestDatabase;
let pool: Pool;
let store: EventStore;
beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations] });
  pool = createPool({ connectionString: database.url, max: 1 });
  store = await EventStore.open({ connectionString: database.url });
});
afterAll(async () => {
  await store?.close();
  await pool?.end();
  await database?.drop();
});

const MEGABYTE = 1_000_000;
const read = (range: Partial<EventRange> = {}) =>
  readRange(pool, { after: 0, limit: 10_000, maxBytes: MEGABYTE, ...range });
const positions = async (range: Partial<EventRange>): Promise<number[]> =>
  (await read(range)).events.map(({ position }) => position);

/** The same through COPY. */
const readAsRows = async (range: Partial<EventRange> = {}) => {
  const events: RangeEvent[] = [];
  const rows = await readRows(pool, { after: 0, limit: 10_000, maxBytes: MEGABYTE, ...range }, (row) =>
    events.push(row.toEvent()),
  );
  return { events, ...rows };
};

describe('a range of the log', () => {
  it('has the events that readAll has, but for their ids', async () => {
    const times = ['0001-01-01T00:00:00.000000Z', '2026-11-20T10:00:00.500000Z', '9999-12-31T23:59:59.999999Z'];
    const data = '{"b":1.50, "ü\\"":"\\\\ \\u2028 😀"}';
    await write(store, newStream(), decided(times.map((occurredAt) => newEvent({ occurredAt, data }))), decided(2));
    const { events, isCut } = await read();
    expect(isCut).toBe(false);
    expect(events).toEqual((await store.readAll(0, 10_000)).map(({ id: _, ...event }) => event));
  });

  it('is spelled alike whatever the DateStyle of the connection', async () => {
    const { events } = await read();
    await pool.query(`set datestyle = 'German'; set timezone = 'Asia/Tokyo'`);
    expect((await read()).events).toEqual(events);
  });

  it('ends behind the event with which it has its bytes, and goes on from there', async () => {
    const { position: after } = await store.head();
    const large = newEvent({ data: JSON.stringify('x'.repeat(3_000)) });
    await write(
      store,
      newStream(),
      decided([large, newEvent(), newEvent({ ...large, id: newEvent().id }), newEvent()]),
    );
    const { events, isCut } = await read({ after, maxBytes: 4_000 });
    expect([events.map(({ position }) => position - after), isCut]).toEqual([[1, 2, 3], true]);
    expect(await positions({ after: after + 3, maxBytes: 4_000 })).toEqual([after + 4]);
    expect((await read({ after, limit: 3, maxBytes: 4_000 })).isCut).toBe(false);
    expect(await positions({ after, maxBytes: 1 })).toEqual([after + 1]);
  });

  it('passes by the same events in SQL and in memory', async () => {
    const { position: after } = await store.head();
    const names = ['target:a/x', 'target:a/y', 'target:ab/x', 'target:b_c/x', 'target:bxc/z%2Fx'];
    const typed = () => decided([newEvent({ type: 'One' }), newEvent({ type: 'Two' })]);
    await store.append(batchOf(...names.map((stream) => [{ ...newStream(), stream }, typed()] as const)).batch);
    const all = (await read({ after })).events;
    expect(all).toHaveLength(10);
    const filters: EventFilter[] = [
      {},
      { types: ['Two'] },
      { streams: names.slice(1, 3) },
      { prefixes: ['target:a/'] },
      { prefixes: ['target:b_c/', 'target:ab/', 'target:none/'] },
      { prefixes: [] },
      { suffix: '/x' },
      { prefixes: ['target:a/', 'target:bxc/'], suffix: '/x', types: ['One', 'Three'] },
    ];
    const found = await Promise.all(filters.map((filter) => positions({ after, ...filter })));
    expect(found).toEqual(
      filters.map((filter) => all.filter((event) => passes(filter, event)).map(({ position }) => position)),
    );
    expect(found.map(({ length }) => length)).toEqual([10, 5, 4, 4, 4, 0, 6, 1]);
    const rows = await Promise.all(filters.map((filter) => readAsRows({ after, ...filter })));
    expect(rows.map(({ events }) => events.map(({ position }) => position))).toEqual(found);
  });

  it('comes as rows of bytes too, cut alike, and no filter reaches into the statement', async () => {
    const { events } = await read();
    const last = events.at(-1)!.position;
    expect(await readAsRows()).toEqual({ events, count: events.length, last, isCut: false });
    const few = await readAsRows({ limit: 3 });
    expect(few).toEqual({ events: events.slice(0, 3), count: 3, last: 3, isCut: false });
    expect(await readAsRows({ maxBytes: 1 })).toEqual({ events: events.slice(0, 1), count: 1, last: 1, isCut: true });
    expect(await readAsRows({ after: last })).toEqual({ events: [], count: 0, last, isCut: false });
    for (const hostile of [`' or true --`, `\\' or true --`, '$1 $2', `{"a"}`, `a','b`, 'ü"😀'])
      for (const filter of [{ streams: [hostile] }, { prefixes: [hostile] }, { suffix: hostile }, { types: [hostile] }])
        expect((await readAsRows({ ...filter, upTo: last })).count).toBe(0);
    const stream = `target:it's/"a\\b"$1`;
    await store.append(batchOf([{ ...newStream(), stream }, decided(1)]).batch);
    expect((await readAsRows({ streams: ['none', stream] })).count).toBe(1);
  });

  it('is whole however the bytes of its rows were cut on their way', async () => {
    const { position: after } = await store.head();
    const sizes = [1, 65_536, 300_000, 2, 131_000, ...Array.from({ length: 50 }, (_, n) => 997 * n), 1_000_000, 3];
    await write(
      store,
      newStream(),
      decided(sizes.map((size) => newEvent({ data: JSON.stringify('ü'.repeat(size / 2)) }))),
    );
    const { events } = await read({ after, maxBytes: 10 * MEGABYTE });
    expect(events).toEqual((await store.readAll(after, 100)).map(({ id: _, ...event }) => event));
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('looks only into the partitions that the positions lie in', async () => {
    const { rows } = await pool.query(
      `explain select from events where position > 7 and position <= 9 and stream ^@ any('{a,b}') order by position limit 3`,
    );
    const partitions = JSON.stringify(rows).match(/events_\d+\b/g);
    expect([...new Set(partitions)]).toHaveLength(1);
  });
});

describe('a range that fails', () => {
  it('leaves the pool a connection that works, whether the server or the network failed', async () => {
    await pool.query('set statement_timeout = 1');
    const slow = read({ types: Array.from({ length: 200_000 }, (_, n) => `T${n}`) });
    expect(await slow.catch(isTooSlow)).toBe(true);
    const slowRows = readAsRows({ types: Array.from({ length: 200_000 }, (_, n) => `T${n}`) });
    expect(await slowRows.catch(isTooSlow)).toBe(true);
    await pool.query('set statement_timeout = 0');
    const blocked = createPool({ connectionString: database.url, max: 1 });
    const tx = await blocked.connect();
    await tx.query('begin; lock table events in access exclusive mode');
    const cut = read();
    const ended = cut.catch((error: Error) => error.message);
    for (let pid; pid === undefined;) {
      const { rows } = await tx.query(
        `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      pid = rows[0]?.pid;
      if (pid) await tx.query('select pg_terminate_backend($1)', [pid]);
    }
    await tx.query('rollback');
    tx.release();
    await blocked.end();
    expect(await ended).toMatch(/terminat/);
    expect((await read()).events.length).toBeGreaterThan(0);
  });
});
