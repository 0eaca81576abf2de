import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { KeyReader } from './key-reader.js';

let database: TestDatabase;
let reader: KeyReader;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase({ migrations: [] });
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query('create table things (id integer primary key, name text not null)');
  await admin.query(`insert into things select n, 'thing ' || n from generate_series(1, 100) as n`);
  reader = new KeyReader({ connectionString: database.url, applicationName: 'keys', statementTimeoutMs: 500 });
});
afterAll(async () => {
  await reader.close();
  await admin.end();
  await database.drop();
});

const find = (...ids: number[]) => reader.query('select name from things where id = any ($1) order by id', [ids]);

describe('KeyReader', () => {
  it('answers statements that are sent at the same time, each with its own rows', async () => {
    const all = await Promise.all([
      find(1),
      find(2, 3),
      reader.query('select count(*)::integer as n from things'),
      find(),
    ]);
    expect(all.map(({ rows }) => rows)).toEqual([
      [{ name: 'thing 1' }],
      [{ name: 'thing 2' }, { name: 'thing 3' }],
      [{ n: 100 }],
      [],
    ]);
    expect(all[1]!.rowCount).toBe(2);
  });

  it('plans each statement once, whatever it is given', async () => {
    for (let id = 1; id <= 20; id += 1) await find(id);
    const text = `select statement, generic_plans::integer as plans, custom_plans::integer as others from pg_prepared_statements
                   where statement like 'select name%'`;
    expect((await reader.query(text)).rows).toEqual([
      { statement: expect.any(String), plans: expect.any(Number), others: 0 },
    ]);
  });

  it('fails one statement and not those behind it', async () => {
    const [failed, slow, good] = await Promise.allSettled([
      reader.query('select 1 / $1::integer as x', [0]),
      reader.query('select pg_sleep(5)'),
      find(7),
    ]);
    expect([failed!.status, slow!.status]).toEqual(['rejected', 'rejected']);
    expect(good).toMatchObject({ status: 'fulfilled', value: { rows: [{ name: 'thing 7' }] } });
  });

  it('goes on over another connection when its own is lost', async () => {
    await find(1);
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keys'`);
    for (let tries = 0; ; tries += 1) {
      const found = await find(1).catch(() => undefined);
      if (found) break;
      if (tries === 50) throw new Error('It never came back.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await find(1)).rows).toEqual([{ name: 'thing 1' }]);
  });
});
