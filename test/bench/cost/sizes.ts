import pg from 'pg';

/** What a table and its indexes take on the disk, partitions together; `rowBytes` is a row by itself. */
export type Size = Readonly<{ table: string; rows: number; rowBytes: number; bytes: number; indexBytes: number }>;

/** Rows that stand for all. */
const SOME = 10_000;

const TABLES = `
  select coalesce(inhparent::regclass::text, c.oid::regclass::text) as "table",
         sum(pg_table_size(c.oid))::float8 as bytes, sum(pg_indexes_size(c.oid))::float8 as "indexBytes"
    from pg_class c left join pg_inherits on inhrelid = c.oid
   where relkind = 'r' and relnamespace = current_schema()::regnamespace
   group by 1 order by 2 desc`;

/** Of every table that has rows, the largest first. */
export async function sizesOf(connectionString: string): Promise<Size[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows: tables } = await client.query<Omit<Size, 'rows' | 'rowBytes'>>(TABLES);
    const sizes: Size[] = [];
    for (const each of tables) {
      const { rows } = await client.query<{ count: string; own: number | null }>(
        `select (select count(*) from ${each.table}),
                (select avg(pg_column_size(sample))::float8 from (select * from ${each.table} limit ${SOME}) sample) as own`,
      );
      sizes.push({ ...each, rows: Number(rows[0]!.count), rowBytes: rows[0]!.own ?? 0 });
    }
    return sizes.filter(({ rows }) => rows > 0);
  } finally {
    await client.end();
  }
}

export const totalOf = (sizes: readonly Size[]): number =>
  sizes.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0);
