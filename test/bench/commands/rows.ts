import pg from 'pg';

/** Of an array's elements: the type, how a column is read as its binary form, and where it stands. */
type Column = Readonly<{ name: string; type: string; oid: number; send: string }>;

const column =
  (type: string, oid: number, send: string) =>
  (name: string): Column => ({ name, type, oid, send });
const [bigint, int, text, json, time, uuid, bytea] = [
  column('bigint', 20, 'int8send'),
  column('integer', 23, 'int4send'),
  column('text', 25, 'textsend'),
  column('json', 114, 'json_send'),
  column('timestamptz', 1184, 'timestamptz_send'),
  column('uuid', 2950, 'uuid_send'),
  column('bytea', 17, ''),
];

const tables = {
  events: [
    ...[bigint('position'), time('recorded_at'), time('occurred_at'), uuid('id'), int('version')],
    ...[text('stream'), text('type'), text('command_id'), json('data'), json('metadata')],
  ],
  commands: [
    ...[uuid('id_key'), bigint('seq'), bigint('position'), time('recorded_at'), int('version')],
    ...[text('stream'), text('command_id'), bytea('fingerprint'), json('outcome')],
  ],
} as const satisfies Record<string, readonly Column[]>;

/** What was written for a run of commands: for each table its columns, for each column the binary values. */
export type Rows = Readonly<Record<keyof typeof tables, ReadonlyArray<readonly Buffer[]>>>;

/** How far a log has been read. */
export type Reached = Readonly<{ position: number; seq: number }>;

export async function headOf(client: pg.Client): Promise<Reached> {
  const { rows } = await client.query('select position::text, seq::text from log');
  return { position: Number(rows[0].position), seq: Number(rows[0].seq) };
}

/** The rows of the `count` commands above `after.seq` with their events, of which each of them has some. */
export async function readRows(client: pg.Client, after: Reached, count: number): Promise<Rows & { reached: Reached }> {
  const seq = after.seq + count;
  const { rows } = await client.query('select position::text from commands where seq = $1', [seq]);
  const position = Number(rows[0].position);
  const read = async (table: keyof typeof tables, range: string, bounds: number[]): Promise<Buffer[][]> => {
    const columns = tables[table].map(({ name, send }) => (send === '' ? name : `${send}(${name}) as ${name}`));
    const result = await client.query({
      text: `select ${columns.join(', ')} from ${table} where ${range} order by 1`,
      values: bounds,
      rowMode: 'array',
    });
    return tables[table].map((_, index) => result.rows.map((row) => row[index] as Buffer));
  };
  return {
    events: await read('events', 'position > $1 and position <= $2', [after.position, position]),
    commands: await read('commands', 'seq > $1 and seq <= $2', [after.seq, seq]),
    reached: { position, seq },
  };
}

/** PostgreSQL's binary form of an array without nulls. */
function arrayOf(oid: number, values: readonly Buffer[]): Buffer {
  const array = Buffer.allocUnsafe(values.reduce((bytes, value) => bytes + 4 + value.length, 20));
  [1, 0, oid, values.length, 1].forEach((value, index) => array.writeInt32BE(value, 4 * index));
  let at = 20;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    at += value.copy(array, at);
  }
  return array;
}

/** The statement that writes rows of both tables at once, and its values. */
export const insertOf = (rows: Rows): pg.QueryConfig<Buffer[]> => {
  const values: Buffer[] = [];
  const insert = (table: keyof typeof tables): string => {
    const names = tables[table].map(({ name }) => name).join(', ');
    const arrays = tables[table].map(({ type, oid }, index) => {
      values.push(arrayOf(oid, rows[table][index]!));
      return `$${values.length}::${type}[]`;
    });
    return `insert into ${table} (${names}) select * from unnest(${arrays.join(', ')})`;
  };
  const text = `with written as (${insert('events')}) ${insert('commands')}`;
  return { name: 'insert', text, values };
};
