import { hash } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { batchOf, decided, newStream } from '#event-store/testing';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { uuidArray } from './arrays.js';
import { encodeBatch } from './batch.js';
import {
  createPool,
  EventStore,
  eventStoreMigrations,
  inTransaction,
  isUnavailable,
  migrate,
  type Pool,
} from './index.js';

const BEFORE = '0004';
const IDS = [
  '019ab3c0-7e11-7abc-8def-0123456789ab',
  '019AB3C0-7E11-7ABC-9DEF-0123456789AB',
  'ffffffff-ffff-7fff-bfff-ffffffffffff',
  '00000000-0000-7000-8000-000000000000',
  '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  '019ab3c0-7e11-7abc-cdef-0123456789ab',
  'deploy #42',
];

let database: TestDatabase;
let pool: Pool;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, max: 4 });
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  for (const file of (await readdir(eventStoreMigrations.folder)).filter((name) => name < BEFORE))
    await copyFile(new URL(file, eventStoreMigrations.folder), join(folder, file));
  await migrate(database.url, [{ name: eventStoreMigrations.name, folder: pathToFileURL(`${folder}/`) }]);
  await pool.query('select make_partitions()');
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

type Batch = ReturnType<typeof batchOf>['batch'];

const KEYS = 7;

/** What a process of the release before sends: its keys say nothing of a time. */
const appendAsBefore = async ({ streams, commands }: Batch): Promise<void> => {
  const keys = commands.map(({ stream, commandId }) =>
    hash('sha256', `${streams[stream]!.stream}\0${commandId}`, 'hex').slice(0, 32),
  );
  const arrays = encodeBatch({ streams, commands }).with(KEYS, uuidArray(keys));
  const [{ store_id: storeId }] = (await pool.query('select store_id from log')).rows;
  const places = Array.from({ length: arrays.length + 2 }, (_, i) => `$${i + 1}`).join(', ');
  await pool.query(
    `select base, reached, recorded_at, stood, refused, outcomes, partitions_due from append(${places})`,
    [storeId, 0, ...arrays],
  );
};

const opened = async (use: (store: EventStore) => Promise<void>): Promise<void> => {
  const store = await EventStore.open({ connectionString: database.url });
  try {
    await use(store);
  } finally {
    await store.close();
  }
};

const blocked = async (pattern: string): Promise<void> => {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ~ $1`;
  while ((await pool.query(waiting, [pattern])).rowCount === 0);
};

describe('A database with commands', () => {
  it('knows each of their ids after the update, of whatever form, and each state as whole', async () => {
    const { batch, after } = batchOf(...IDS.map((commandId) => [newStream(), decided(2, { commandId })] as const));
    await appendAsBefore(batch);
    await migrate(database.url, [eventStoreMigrations]);
    await opened(async (store) => {
      const ids = batch.streams.map(({ stream }, i) => ({ stream, commandId: IDS[i]! }));
      expect(await store.loadOutcomes(ids)).toMatchObject(ids);
      const again = batchOf(...IDS.map((commandId, i) => [after[i]!, decided(1, { commandId })] as const));
      const { refused } = await store.append(again.batch);
      expect([...refused.values()].map(({ outcomes }) => outcomes.map(({ commandId }) => commandId))).toEqual(
        IDS.map((id) => [id]),
      );
      const snapshots = [...(await store.loadStreams(ids.map(({ stream }) => stream))).values()];
      expect(snapshots.map(({ version, stateVersion }) => [version, stateVersion])).toEqual(IDS.map(() => [2, 2]));
    });
  });

  it('takes nothing from a process of the release before any more, which counts that as weather', async () => {
    const stream = newStream();
    const first = batchOf([stream, decided(1, { commandId: IDS[0]! })]);
    await appendAsBefore(first.batch);
    await migrate(database.url, [eventStoreMigrations]);
    const error: unknown = await appendAsBefore(batchOf([first.after[0]!, decided(1)]).batch).catch((e: unknown) => e);
    expect(String(error)).toContain('newer release than this process');
    expect(isUnavailable(error)).toBe(true);
    await opened(async (store) => expect(await store.readAll(0, 10)).toHaveLength(1));
  });

  it.each(['begun before', 'that waits for'])(
    'has one outcome for a command of an append %s the update',
    async (when) => {
      const command = decided(1, { commandId: IDS[0]! });
      const stream = newStream();
      const held = when === 'begun before' ? 'select from log for update' : 'select from streams';
      const { under, update } = await inTransaction(pool, async (holder) => {
        await holder.query(held);
        const call = () => appendAsBefore(batchOf([stream, command]).batch).catch((error: unknown) => error);
        const start = () => migrate(database.url, [eventStoreMigrations]);
        if (when === 'begun before') {
          const before = call();
          await blocked('from append');
          return { under: before, update: start() };
        }
        const begun = start();
        await blocked('^-- Appends|alter table streams');
        const later = call();
        await blocked('from append');
        return { under: later, update: begun };
      });
      await Promise.all([under, update]);
      await opened(async (store) => {
        const there = (await store.loadStreams([stream.stream])).get(stream.stream);
        await store.append(batchOf([{ ...stream, ...there }, command]).batch);
        expect(await store.readStream(stream.stream)).toHaveLength(1);
        expect(await store.loadOutcomes([{ stream: stream.stream, commandId: IDS[0]! }])).toMatchObject([
          { version: 1 },
        ]);
      });
    },
  );
});

describe('A command id whose key is another one’s', () => {
  it('has no outcome, and is told from it where it is refused', async () => {
    await migrate(database.url, [eventStoreMigrations]);
    await opened(async (store) => {
      const [stream, other] = [newStream(), newStream()];
      const command = decided(1, { commandId: IDS[0]! });
      await store.append(batchOf([other, decided(1)]).batch);
      const keys = encodeBatch(batchOf([stream, command]).batch)[KEYS];
      await pool.query(
        `insert into commands (id_key, seq, position, recorded_at, version, stream, command_id, fingerprint, outcome)
         select ($1::uuid[])[1], seq + 7, position, recorded_at, version, stream, 'another', $2, outcome from commands`,
        [keys, command.fingerprint],
      );
      expect(await store.loadOutcomes([{ stream: stream.stream, commandId: command.commandId }])).toEqual([undefined]);
      const { refused } = await store.append(batchOf([stream, command], [newStream(), decided(1)]).batch);
      expect([...refused]).toMatchObject([
        [0, { outcomes: [{ stream: stream.stream, commandId: command.commandId, fingerprint: Buffer.of() }] }],
      ]);
    });
  });
});
