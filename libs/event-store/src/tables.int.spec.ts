import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { CopyIn } from './copy-in.js';
import { createPool, inTransaction, type Pool, type Queryable } from './pool.js';
import { column, writeRows, type Table } from './tables.js';

type Item = Readonly<{
  id: number;
  name: string | null;
  body: string;
  big: number;
  flag: boolean;
  at: string | null;
  tags: readonly string[];
}>;

const table: Table<Item> = {
  name: 'things',
  key: ['id'],
  columns: [
    column.integer('id', ({ id }) => id),
    column.text('name', ({ name }) => name),
    column.json('body', ({ body }) => body),
    column.bigint('big', ({ big }) => big),
    column.boolean('flag', ({ flag }) => flag),
    column.time('at', ({ at }) => at),
    column.texts('tags', ({ tags }) => tags),
  ],
};

const odd = ['', 'ä', '\u{1f680} \u{10ffff}', '"{},\\', 'NULL', 'x'.repeat(100)];
const items: readonly Item[] = [
  { id: 1, name: null, body: '{"a":[1,"ä"]}', big: 2 ** 53 - 1, flag: true, at: null, tags: [] },
  { id: -2, name: '', body: 'null', big: -1, flag: false, at: '0001-01-01T00:00:00.000001Z', tags: odd },
  {
    id: 3,
    name: 'ä'.repeat(5_000),
    body: '"x"',
    big: 2 ** 32,
    flag: true,
    at: '9999-12-31T23:59:59.999999Z',
    tags: ['a'],
  },
  ...odd.map((name, index) => ({
    ...{ id: 10 + index, name, body: '{}', big: 2 ** 31 + index, flag: false, tags: [name, name] },
    at: '2026-11-20T10:00:00.123456Z',
  })),
];

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase({ migrations: [] });
  pool = createPool({ connectionString: database.url, max: 1 });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const create = (tx: Queryable) =>
  tx.query(`create temp table things (id integer primary key, name text, body json, big bigint, flag boolean,
                                      at timestamptz, tags text[]) on commit drop`);

/** As `Item`s, by their id. */
const stored = async (tx: Queryable): Promise<Item[]> => {
  const at = `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const { rows } = await tx.query(
    `select id, name, body::text as body, big, flag, ${at} as at, tags from things order by id`,
  );
  return rows;
};
const inOrder = (some: readonly Item[]): Item[] => [...some].sort((a, b) => a.id - b.id);

it('rows that are copied in are those that were given, however many', async () => {
  await inTransaction(pool, async (tx) => {
    await create(tx);
    const many = Array.from({ length: 4_000 }, (_, index) => ({
      ...items[2]!,
      id: 100 + index,
      name: `${index}`.repeat(200),
    }));
    const copy = new CopyIn(tx, table);
    for (const item of [...items, ...many]) {
      copy.add(item);
      if (copy.isFull) await copy.send();
    }
    await copy.end();
    await copy.end();
    expect(await stored(tx)).toEqual(inOrder([...items, ...many]));
  });
});

it('a row that the table refuses fails the copy, and the connection is whole', async () => {
  const copying = inTransaction(pool, async (tx) => {
    await create(tx);
    const copy = new CopyIn(tx, table);
    copy.add({ ...items[0]!, body: 'no json' });
    await copy.end();
  });
  await expect(copying).rejects.toMatchObject({ code: '22P02' });
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('rows that are written take the place of those with their key', async () => {
  await inTransaction(pool, async (tx) => {
    await create(tx);
    await writeRows(tx, table, []);
    await writeRows(tx, table, items);
    expect(await stored(tx)).toEqual(inOrder(items));
    const changed = { ...items[0]!, id: 3, tags: odd };
    await writeRows(tx, table, [changed, { ...changed, id: 4 }]);
    expect(await stored(tx)).toEqual(inOrder([...items.filter(({ id }) => id !== 3), changed, { ...changed, id: 4 }]));
  });
});
