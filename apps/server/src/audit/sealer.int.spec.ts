import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  checkpointText,
  GrowingTree,
  newSigningKey,
  originOf,
  readSigner,
  rootAt,
  signNote,
  type ReadTiles,
} from '#audit';
import { createPool, EventStore, type Pool } from '#event-store';
import { decided, newStream, write } from '#event-store/testing';
import { createLogger, Metrics } from '#runtime';
import { fillLog } from '../../../../test/support/audit.js';
import type { TestDatabase } from '../../../../test/support/database.js';
import { AUDIT_KEY, rowsOf, testDatabase } from '../../../../test/support/server.js';
import { until } from '../../../../test/support/until.js';
import { checkpointsAfter, readKeys, readLeafTiles, readTiles } from './audit-tables.js';
import { sealNext } from './seal.js';
import { Sealer, type SealerStatus } from './sealer.js';
import type { SigningKey } from './signing-key.js';

let database: TestDatabase;
let store: EventStore;
let pool: Pool;
const running: Sealer[] = [];

beforeEach(async () => {
  database = await testDatabase();
  await fillLog(database, 2_300);
  store = await EventStore.open({ connectionString: database.url });
  pool = createPool({ connectionString: database.url, max: 6 });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((sealer) => sealer.stop()));
  await pool.end();
  await store.close();
  await database.drop();
});

const signer = async () => readSigner(AUDIT_KEY, originOf((await store.head()).storeId));
const seal = () => sealNext({ store, pool, signer });
const checkpoints = async (): Promise<number[]> =>
  (await rowsOf(database, 'select size from audit_checkpoints order by size')).map(({ size }) => size as number);
/** Nine seconds go by: the sealer looks every second, and promises to sign within ten. */
const later = async (): Promise<void> => {
  const signed = await rowsOf(
    database,
    `set session_replication_role = replica; update audit_checkpoints set created_at = created_at - interval '9 s'`,
  ).then(() => checkpointsAfter(pool, 0, 100));
  const key = await signer();
  for (const { size, root, time } of signed) {
    const note = signNote(checkpointText({ origin: key.name, size, root, time }), key);
    await rowsOf(
      database,
      `set session_replication_role = replica; update audit_checkpoints set note = '${note}' where size = ${size}`,
    );
  }
};
const start = (key: Partial<SigningKey> | Error = {}): Sealer => {
  const sealer = new Sealer({
    store,
    pool,
    key: async () => {
      if (key instanceof Error) throw key;
      return { pem: AUDIT_KEY, given: false, ...key };
    },
    metrics: new Metrics(),
    log: createLogger({ level: 'silent' }),
  });
  running.push(sealer);
  sealer.start();
  return sealer;
};
const untilIts = async (sealer: Sealer, met: (status: SealerStatus) => boolean): Promise<SealerStatus> => {
  await until(
    () => met(sealer.status()),
    () => sealer.status(),
  );
  return sealer.status();
};

describe('sealing', () => {
  it('signs a checkpoint over each thousand events, and what is left before ten seconds have gone by', async () => {
    expect(await seal()).toEqual({ kind: 'sealed', size: 2_000, events: 2_000, more: false });
    expect(await seal()).toEqual({ kind: 'sealed', size: 2_000, events: 0, more: false });
    await later();
    expect(await seal()).toEqual({ kind: 'sealed', size: 2_300, events: 300, more: false });
    expect(await checkpoints()).toEqual([1_000, 2_000, 2_300]);
    await later();
    // Nothing new is nothing to sign.
    expect(await seal()).toMatchObject({ events: 0 });
  });

  it('gives the tree that RFC 6962 defines over the hashes, in whatever turns it was sealed', async () => {
    await seal();
    await later();
    await seal();
    const read: ReadTiles = (places) => readTiles(pool, places);
    for (const { size, root } of await rowsOf(database, 'select size, root from audit_checkpoints'))
      expect(await rootAt(size, read)).toEqual(root);
    const tree = new GrowingTree();
    for (const { hashes } of await readLeafTiles(pool, 0, 8))
      for (let at = 0; at < hashes.length; at += 32) tree.add(hashes.subarray(at, at + 32));
    expect(tree.size).toBe(2_300);
    expect(tree.root()).toEqual(await rootAt(2_300, read));
  });

  it('is done once, by whichever replica gets to it', async () => {
    const turns = await Promise.all(Array.from({ length: 4 }, seal));
    const sealed = turns.filter((turn) => turn.kind === 'sealed' && turn.events > 0);
    expect(sealed).toHaveLength(1);
    expect(await checkpoints()).toEqual([1_000, 2_000]);
  });

  it('that dies before it commits leaves nothing, and is done again', async () => {
    const dying = sealNext({
      store,
      pool,
      signer: async (tx) => {
        await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
        return signer();
      },
    });
    await expect(dying).rejects.toThrow();
    expect(await checkpoints()).toEqual([]);
    expect(await seal()).toMatchObject({ size: 2_000 });
  });
});

describe('a sealer', () => {
  it('seals the log, and says how far', async () => {
    expect(await untilIts(start(), ({ position }) => position === 2_000)).toMatchObject({
      state: 'running',
      reason: null,
    });
  });

  it('halts where an event is missing', async () => {
    await rowsOf(database, 'set session_replication_role = replica; delete from events where position = 1500');
    const { reason } = await untilIts(start(), ({ state }) => state === 'halted');
    expect(reason).toMatch(/^Event 1500 is missing in the log:/);
    expect(await checkpoints()).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    [
      'a hash of the tree was altered',
      `update audit_tiles set hashes = overlay(hashes placing '\\x00' from 1 for 1) where level = 1`,
      /do not give the root of the checkpoint over 2000 events/,
    ],
    [
      'a tile is missing',
      'delete from audit_tiles where level = 0 and index = 7',
      /Tile 0\/7 lacks hashes of the tree of 2000 events/,
    ],
    [
      'a checkpoint is not the one that was signed',
      `update audit_checkpoints set note = replace(note, 'time ', 'time  ') where size = 2000`,
      /The newest checkpoint, over 2000 events, is not the one that key [0-9a-f]{8} signed/,
    ],
    [
      'a checkpoint was taken away',
      'delete from audit_checkpoints where size = 2000',
      /sealed up to 2000, and the newest checkpoint is over 1000 events/,
    ],
  ])('halts where %s', async (_what, sql, message) => {
    await seal();
    await later();
    await rowsOf(database, `set session_replication_role = replica; ${sql}`);
    const { reason } = await untilIts(start(), ({ state }) => state === 'halted');
    expect(reason).toMatch(message);
    expect((await checkpoints()).at(-1)).toBeLessThanOrEqual(2_000);
  });

  it('halts where the log ends before what was sealed', async () => {
    await seal();
    await rowsOf(
      database,
      'set session_replication_role = replica; delete from events where position > 1900; update log set position = 1900',
    );
    const shorter = await EventStore.open({ connectionString: database.url });
    const old = store;
    store = shorter;
    const { reason } = await untilIts(start(), ({ state }) => state === 'halted');
    expect(reason).toMatch(/sealed up to 2000, and ends at 1900/);
    await old.close();
  });

  it('halts where less is sealed than it has sealed', async () => {
    await seal();
    await later();
    const forged = sealNext({ store, pool, signer, seen: 2_001 });
    await expect(forged).rejects.toThrow('The log is sealed up to 2000 now, and was up to 2001 before.');
  });

  it('says so where its key can be neither read nor kept', async () => {
    const { reason } = await untilIts(start(new Error('EACCES: permission denied')), ({ state }) => state === 'halted');
    expect(reason).toBe(
      'The key that signs checkpoints can be neither read nor kept: EACCES: permission denied. Give it as SHIPLOG_AUDIT_KEY.',
    );
  });
});

describe('the key', () => {
  it('of another data directory signs nothing, and takes nobody’s place', async () => {
    await untilIts(start(), ({ position }) => position === 2_000);
    await later();
    const { reason } = await untilIts(start({ pem: newSigningKey() }), ({ state }) => state === 'halted');
    expect(reason).toMatch(/^Checkpoints are signed with key [0-9a-f]{8}, which this process has not/);
    expect(await readKeys(pool)).toHaveLength(1);
  });

  it('that is given takes the place of the one before it, which signs no more', async () => {
    const first = start();
    await untilIts(first, ({ position }) => position === 2_000);
    await first.stop();
    await later();
    const pem = newSigningKey();
    await untilIts(start({ pem, given: true }), ({ position }) => position === 2_300);
    expect((await readKeys(pool)).map(({ fromSize }) => fromSize)).toEqual([0, 2_000]);
    await write(store, newStream(), decided(5));
    await later();
    const { reason } = await untilIts(start({ given: true }), ({ state }) => state === 'halted');
    expect(reason).toMatch(/^Key [0-9a-f]{8} signs no more: [0-9a-f]{8} took its place/);
  });
});

describe('what was signed', () => {
  it.each([
    'update audit_checkpoints set note = note',
    'delete from audit_checkpoints',
    'truncate audit_checkpoints',
    'delete from audit_keys',
    'delete from audit_tiles',
    'truncate audit_tiles',
    `update audit_tiles set hashes = overlay(hashes placing '\\x00' from 1 for 1)`,
    'update audit_tiles set hashes = substr(hashes, 1, 32)',
    'update audit_tiles set index = index + 1000',
  ])('is refused: %s', async (sql) => {
    await seal();
    await expect(rowsOf(database, sql)).rejects.toThrow(/What was signed stays|Hashes of the tree stay/);
  });
});
