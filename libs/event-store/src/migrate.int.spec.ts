import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { eventStoreMigrations, migrate, type Migrations } from './index.js';

let database: TestDatabase;
let client: pg.Client;
let folder: string;
let own: Migrations;

beforeEach(async () => {
  database = await createTestDatabase();
  client = new pg.Client(database.url);
  client.on('error', () => {});
  await client.connect();
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  own = { name: 'own', folder: pathToFileURL(`${folder}/`) };
});
afterEach(async () => {
  await client.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

const file = (name: string, sql: string): Promise<void> => writeFile(join(folder, name), sql);
const applied = async (): Promise<string[]> =>
  (await client.query('select name from migrations order by applied_at, name')).rows.map(({ name }) => name);

describe('migrate', () => {
  it('runs once when 20 start at once on an empty database', async () => {
    await file('0001-t.sql', 'create table t (n int); select pg_sleep(0.1);');
    await file('0002-row.sql', 'insert into t values (1)');
    await Promise.all(Array.from({ length: 20 }, () => migrate(database.url, [eventStoreMigrations, own])));
    expect(await applied()).toEqual([
      'event-store/0001-log.sql',
      'event-store/0002-append.sql',
      'event-store/0003-checkpoints.sql',
      'event-store/0004-append.sql',
      'event-store/0005-roles.sql',
      'event-store/0006-partitions-by-their-owner.sql',
      'own/0001-t.sql',
      'own/0002-row.sql',
    ]);
    expect((await client.query('select count(*)::int as n from t')).rows).toEqual([{ n: 1 }]);
  });

  it('applies what is new, and leaves alone what a newer version has applied', async () => {
    await file('0001-t.sql', 'create table t (n int)');
    await migrate(database.url, [own]);
    await client.query(`insert into migrations (name, checksum) values ('own/0003-of-tomorrow.sql', 'x')`);
    await file('0002-u.sql', 'create table u (n int)');
    await migrate(database.url, [own]);
    expect((await applied()).sort()).toEqual(['own/0001-t.sql', 'own/0002-u.sql', 'own/0003-of-tomorrow.sql']);
  });

  it('refuses a file that was changed after it had been applied, by its name', async () => {
    await file('0001-t.sql', 'create table t (n int)');
    await migrate(database.url, [own]);
    await file('0001-t.sql', 'create table t (n bigint)');
    await expect(migrate(database.url, [own])).rejects.toThrow('own/0001-t.sql was changed');
  });

  it('keeps what came before a file that fails, and nothing of it', async () => {
    await file('0001-t.sql', 'create table t (n int)');
    await file('0002-bad.sql', 'insert into t values (1); insert into nowhere values (1)');
    await expect(migrate(database.url, [own])).rejects.toThrow('own/0002-bad.sql failed: relation "nowhere"');
    expect(await applied()).toEqual(['own/0001-t.sql']);
    expect((await client.query('select * from t')).rows).toEqual([]);
  });

  it('is gone on with by the next process when one is killed in the middle', async () => {
    await file('0001-t.sql', 'create table t (n int)');
    await file('0002-slow.sql', `create table u (n int); select pg_sleep(60)`);
    const killed = expect(migrate(database.url, [own])).rejects.toThrow();
    const asleep = `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    let pid: number | undefined;
    while (pid === undefined) pid = (await client.query(asleep)).rows[0]?.pid;
    await file('0002-slow.sql', 'create table u (n int)');
    const heir = migrate(database.url, [own]);
    await client.query('select pg_terminate_backend($1)', [pid]);
    await Promise.all([killed, heir]);
    expect(await applied()).toEqual(['own/0001-t.sql', 'own/0002-slow.sql']);
  });

  it('wants names that can be ordered', async () => {
    await file('1-t.sql', 'select 1');
    await expect(migrate(database.url, [own])).rejects.toThrow('own/1-t.sql is not named NNNN-name.sql');
  });
});
