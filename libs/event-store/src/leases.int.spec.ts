import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import {
  acquireLease,
  advanceUnderLease,
  claimCheckpoint,
  createPool,
  eventStoreMigrations,
  inTransaction,
  moveCheckpoint,
  readCheckpoint,
  readCheckpoints,
  releaseLease,
  renewLease,
  type Pool,
} from './index.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase({ migrations: [eventStoreMigrations] });
  pool = createPool({ connectionString: database.url, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const expire = (name: string): Promise<unknown> =>
  pool.query(`update leases set expires_at = clock_timestamp() - interval '1 second' where name = $1`, [name]);

describe('a checkpoint', () => {
  it('is held by one transaction at a time, and moves with it', async () => {
    const name = randomUUID();
    await inTransaction(pool, async (tx) => {
      expect(await claimCheckpoint(tx, name)).toBe(0);
      await moveCheckpoint(tx, name, 7);
    });
    await inTransaction(pool, async (tx) => {
      expect(await claimCheckpoint(tx, name)).toBe(7);
      await inTransaction(pool, async (other) => {
        expect(await claimCheckpoint(other, name)).toBeNull();
      });
    });
    expect(await readCheckpoint(pool, name)).toBe(7);
    expect((await readCheckpoints(pool)).get(name)).toBe(7);
  });

  it('stays where it was when the transaction fails', async () => {
    const name = randomUUID();
    const failed = inTransaction(pool, async (tx) => {
      await claimCheckpoint(tx, name);
      await moveCheckpoint(tx, name, 7);
      throw new Error('It failed.');
    });
    await expect(failed).rejects.toThrow('It failed.');
    expect(await readCheckpoint(pool, name)).toBe(0);
  });
});

describe('a lease', () => {
  it('has one holder until its time is over, and every term an epoch of its own', async () => {
    const name = randomUUID();
    expect(await acquireLease(pool, name, 'a', 60_000)).toEqual({ epoch: 1 });
    expect(await acquireLease(pool, name, 'b', 60_000)).toBeNull();
    await expire(name);
    expect(await acquireLease(pool, name, 'b', 60_000)).toEqual({ epoch: 2 });
    expect(await renewLease(pool, name, 1, 60_000)).toBe(false);
    expect(await renewLease(pool, name, 2, 60_000)).toBe(true);
  });

  it('goes to one of many who come at once', async () => {
    const name = randomUUID();
    const terms = await Promise.all(
      Array.from({ length: 8 }, (_, n) => acquireLease(pool, name, `holder ${n}`, 60_000)),
    );
    expect(terms.filter((term) => term !== null)).toEqual([{ epoch: 1 }]);
  });

  it('is over where the clock of the database went back, and its holder is gone', async () => {
    const name = randomUUID();
    await acquireLease(pool, name, 'a', 5_000);
    await pool.query(`update leases set expires_at = clock_timestamp() + interval '2 hours' where name = $1`, [name]);
    expect(await acquireLease(pool, name, 'b', 5_000)).toEqual({ epoch: 2 });
    expect(await acquireLease(pool, name, 'c', 5_000)).toBeNull();
  });

  it('can be renewed late where nobody else took it, and is free at once when released', async () => {
    const name = randomUUID();
    await acquireLease(pool, name, 'a', 60_000);
    await expire(name);
    expect(await renewLease(pool, name, 1, 60_000)).toBe(true);
    await releaseLease(pool, name, 1);
    expect(await acquireLease(pool, name, 'b', 60_000)).toEqual({ epoch: 2 });
    await releaseLease(pool, name, 1);
    expect(await acquireLease(pool, name, 'c', 60_000)).toBeNull();
  });

  it('fences: a checkpoint moves for the last holder only', async () => {
    const name = randomUUID();
    const checkpoint = `${name} checkpoint`;
    await acquireLease(pool, name, 'a', 60_000);
    expect(await advanceUnderLease(pool, { name, epoch: 1 }, checkpoint, 5)).toBe(true);
    await expire(name);
    expect(await advanceUnderLease(pool, { name, epoch: 1 }, checkpoint, 6)).toBe(true);
    await acquireLease(pool, name, 'b', 60_000);
    expect(await advanceUnderLease(pool, { name, epoch: 1 }, checkpoint, 7)).toBe(false);
    expect(await readCheckpoint(pool, checkpoint)).toBe(6);
    expect(await advanceUnderLease(pool, { name, epoch: 2 }, checkpoint, 8)).toBe(true);
    expect(await readCheckpoint(pool, checkpoint)).toBe(8);
  });

  it('does not change hands between the look and the write', async () => {
    const name = randomUUID();
    await acquireLease(pool, name, 'a', 60_000);
    await expire(name);
    let taken: Promise<unknown> | undefined;
    await inTransaction(pool, async (tx) => {
      await advanceUnderLease(tx, { name, epoch: 1 }, name, 5);
      taken = acquireLease(pool, name, 'b', 60_000);
      const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await pool.query(blocked)).rowCount === 0);
    });
    expect(await taken).toEqual({ epoch: 2 });
  });
});
