import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf, decided, newStream, write } from '#event-store/testing';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import {
  createPool,
  EventStore,
  eventStoreMigrations,
  inTransaction,
  isUnavailable,
  LogWentBack,
  type Pool,
} from './index.js';

let database: TestDatabase;
let pool: Pool;
let store: EventStore;
let wentBack: LogWentBack[];

const open = (): Promise<EventStore> =>
  EventStore.open({ connectionString: database.url, onWentBack: (error) => wentBack.push(error) });

beforeEach(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations] });
  pool = createPool({ connectionString: database.url, max: 4 });
  wentBack = [];
});
afterEach(async () => {
  await store.close();
  await pool.end();
  await database.drop();
});

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'It was fulfilled.',
    (error: unknown) => error,
  );

describe('facts', () => {
  it.each(['events', 'events_1', 'commands'])('of %s can be added to, and nothing else', async (table) => {
    store = await open();
    await write(store, newStream(), decided(1));
    for (const change of [`update ${table} set version = 7`, `delete from ${table}`, `truncate ${table}`]) {
      await expect(pool.query(change)).rejects.toThrow(
        /^Events and outcomes are facts: (update|delete|truncate) of table \w+ is refused\.$/,
      );
    }
    expect(await store.readAll(0, 10)).toHaveLength(1);
  });
});

describe('recordedAt', () => {
  it('does not fall when the clock of the database does', async () => {
    store = await open();
    const stream = await write(store, newStream(), decided(1));
    await pool.query(`update log set recorded_at = '2100-01-01T00:00:00.000007Z'`);
    await write(store, stream, decided(1));
    const times = (await store.readAll(0, 10)).map(({ recordedAt }) => recordedAt);
    expect(times[1]).toBe('2100-01-01T00:00:00.000007Z');
    expect(times[0] && times[0] < '2100').toBe(true);
  });
});

describe('partitions', () => {
  const sizes = async (): Promise<number[]> =>
    (
      await pool.query(`select (select count(*) from events e where e.tableoid = i.inhrelid)::int as n
                          from pg_inherits i where inhparent = 'events'::regclass
                         order by substring(inhrelid::regclass::text from '\\d+')::int`)
    ).rows.map(({ n }) => n);

  it('are made ahead, two beyond the one in use', async () => {
    await pool.query('update log set partition_size = 10');
    store = await open();
    expect(await sizes()).toEqual([0, 0, 0]);
    await write(store, newStream(), decided(15));
    await store.close();
    expect(await sizes()).toEqual([10, 5, 0, 0]);
    store = await open();
  });

  it('are made by the append itself where none was made ahead', async () => {
    await pool.query('update log set partition_size = 10');
    store = await open();
    const stream = await write(store, newStream(), decided(45));
    const events = await store.readAll(0, 100);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
    expect((await store.readStream(stream.stream)).map(({ version }) => version)).toHaveLength(45);
    expect((await sizes()).slice(0, 5)).toEqual([10, 10, 10, 10, 5]);
  });

  it('are made by the append that is tried again without what has its outcome already', async () => {
    await pool.query('update log set partition_size = 10');
    store = await open();
    const command = decided(1);
    const known = await write(store, newStream(), command);
    const { batch } = batchOf([newStream(), decided(45)], [known, { ...decided(1), commandId: command.commandId }]);
    expect([...(await store.append(batch)).refused.keys()]).toEqual([1]);
    expect((await sizes()).slice(0, 5)).toEqual([10, 10, 10, 10, 6]);
  });

  it('each refuse to be emptied', async () => {
    await pool.query('update log set partition_size = 10');
    store = await open();
    await write(store, newStream(), decided(45));
    await expect(pool.query('truncate events_41')).rejects.toThrow('truncate of table events_41 is refused');
  });

  it('are made while others read and write', async () => {
    store = await open();
    await inTransaction(pool, async (reader) => {
      await reader.query('select count(*) from events');
      await pool.query('update log set partition_size = 10');
      await write(store, newStream(), decided(1));
      await pool.query(`set lock_timeout = '1s'; select make_partition(); reset lock_timeout`);
    });
  });
});

describe('a log that went back', () => {
  const refusesAll = async (): Promise<void> => {
    const { batch } = batchOf([newStream(), decided(1)]);
    const before = (await pool.query('select position, seq from log')).rows;
    for (const call of [
      () => store.append(batch),
      () => store.head(),
      () => store.readAll(0, 1),
      () => store.loadStreams(['x']),
    ]) {
      expect(await rejection(call())).toBeInstanceOf(LogWentBack);
    }
    expect((await pool.query('select position, seq from log')).rows).toEqual(before);
    expect(wentBack).toHaveLength(1);
  };

  it('is refused by an append, which then writes nothing', async () => {
    store = await open();
    await write(store, newStream(), decided(3));
    await pool.query('update log set position = 2');
    await refusesAll();
  });

  it('is refused for ever, also when it has grown again', async () => {
    store = await open();
    await write(store, newStream(), decided(3));
    await pool.query('update log set position = 2');
    expect(await rejection(store.head())).toBeInstanceOf(LogWentBack);
    await pool.query('update log set position = 5');
    await refusesAll();
  });

  it('is noticed by who only reads', async () => {
    store = await open();
    const other = await open();
    await write(other, newStream(), decided(3));
    expect(await store.readAll(0, 10)).toHaveLength(3);
    await other.close();
    await pool.query('update log set position = 2');
    while (wentBack.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await refusesAll();
  });

  it('may be another one in the same place', async () => {
    store = await open();
    await pool.query('update log set store_id = gen_random_uuid()');
    await refusesAll();
  });
});

describe('a connection', () => {
  let admin: pg.Client;
  beforeEach(async () => {
    admin = new pg.Client(process.env['TEST_DATABASE_URL'] ?? '');
    await admin.connect();
  });
  afterEach(() => admin.end());

  const name = (): string => new URL(database.url).pathname.slice(1);
  const terminate = (application: string): Promise<unknown> =>
    admin.query(
      'select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = $1 and application_name like $2',
      [name(), application],
    );

  it('that is lost in the middle of appends fails them as unavailable, and the next call has a new one', async () => {
    store = await open();
    const stream = await write(store, newStream(), decided(1));
    const command = decided(1);
    await inTransaction(pool, async (holder) => {
      await holder.query('select from log for update');
      const waiting = [
        store.append(batchOf([stream, command]).batch),
        store.append(batchOf([newStream(), decided(1)]).batch),
        store.loadStreams(['x']),
      ];
      const rejected = waiting.map(rejection);
      const blocked = `select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`;
      while ((await admin.query(blocked, [name()])).rowCount === 0);
      await terminate('shiplog append');
      for (const error of await Promise.all(rejected)) expect([error, isUnavailable(error)]).toEqual([error, true]);
    });
    const id = { stream: stream.stream, commandId: command.commandId };
    expect(await store.loadOutcomes([id])).toEqual([undefined]);
    await write(store, stream, command);
    expect(await store.loadOutcomes([id])).toMatchObject([id]);
  });

  it('that cannot be had fails calls with the reason, and is had again when it can', async () => {
    store = await open();
    const stream = await write(store, newStream(), decided(1));
    await admin.query(`alter database ${name()} allow_connections false`);
    await terminate('shiplog%');
    for (const call of [() => store.loadStreams(['x']), () => write(store, stream, decided(1)), () => store.head()]) {
      const error = await rejection(call());
      expect(isUnavailable(error)).toBe(true);
      expect(String(error)).toContain('not currently accepting connections');
    }
    await admin.query(`alter database ${name()} allow_connections true`);
    const told = new Promise((resolve) => store.onAppend(resolve));
    for (;;) {
      const result = await rejection(write(store, stream, decided(1)));
      if (!isUnavailable(result)) break;
    }
    expect(await told).toBe(2);
    expect(await store.readStream(stream.stream)).toHaveLength(2);
  });

  it('for signals is had again too', async () => {
    store = await open();
    await terminate('shiplog signals');
    const other = await open();
    const told = new Promise((resolve) => store.onAppend(resolve));
    await write(other, newStream(), decided(1));
    expect(await told).toBe(1);
    await other.close();
  });
});
