import type { Queryable } from './pool.js';

/**
 * Takes the checkpoint for the rest of the transaction `tx` and answers its position, 0 for a new one; null while another
 * transaction has it.
 */
export const claimCheckpoint = async (tx: Queryable, name: string): Promise<number | null> => {
  const claim = 'select position from checkpoints where name = $1 for update skip locked';
  const [row] = (await tx.query(claim, [name])).rows;
  if (row) return Number(row.position);
  const { rowCount } = await tx.query('insert into checkpoints values ($1, 0) on conflict do nothing', [name]);
  return rowCount === 1 ? 0 : null;
};

/** Sets a checkpoint, in the transaction of what was done up to there. */
export const moveCheckpoint = async (tx: Queryable, name: string, position: number): Promise<void> => {
  await tx.query(
    `insert into checkpoints values ($1, $2)
       on conflict (name) do update set position = excluded.position, moved_at = clock_timestamp()`,
    [name, position],
  );
};

/** Where a checkpoint stands; 0 if it is new. */
export const readCheckpoint = async (database: Queryable, name: string): Promise<number> => {
  const [row] = (await database.query('select position from checkpoints where name = $1', [name])).rows;
  return row ? Number(row.position) : 0;
};

/**
 * How long the entry behind each of these positions of the log, or behind each of these counts of outcomes, has been
 * there, in seconds by the database's clock; 0 where none is.
 */
export const waitsBehind = async (
  database: Queryable,
  counted: 'position' | 'seq',
  places: readonly number[],
): Promise<number[]> => {
  const table = counted === 'position' ? 'events' : 'commands';
  const { rows } = await database.query(
    `select coalesce(extract(epoch from clock_timestamp() - next.recorded_at), 0)::float8 as seconds
       from unnest($1::bigint[]) with ordinality as behind (place, n)
       left join lateral (select recorded_at from ${table} where ${counted} = behind.place + 1 limit 1) next on true
      order by n`,
    [places],
  );
  return rows.map(({ seconds }) => seconds);
};

/** Where all checkpoints stand, by name. */
export const readCheckpoints = async (database: Queryable): Promise<Map<string, number>> => {
  const { rows } = await database.query('select name, position from checkpoints order by name');
  return new Map(rows.map(({ name, position }) => [name, Number(position)]));
};
