import type { Tile, TilePlace } from '#audit';
import { byteaArray, intArray, moveCheckpoint, type Queryable } from '#event-store';
import type { Page, PageQuery } from '#projections';

/** What was signed over the first `size` events; `note` is what others verify. */
export type Checkpoint = Readonly<{ size: number; root: Buffer; keyId: string; time: string; note: string }>;

/** A key that has signed, from so many events on. */
export type AuditKey = Readonly<{ keyId: string; vkey: string; fromSize: number; addedAt: string }>;

/** The name under which it stands in the table of checkpoints how far the log is sealed. */
export const SEALED = 'audit';

const timeOf = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const CHECKPOINT = `size, root, key_id as "keyId", ${timeOf('created_at')} as time, note`;

/** Tiles by their places; those that there are not are missing. */
export const readTiles = async (database: Queryable, places: readonly TilePlace[]): Promise<Tile[]> => {
  if (places.length === 0) return [];
  const { rows } = await database.query(
    `select t.level, t.index, t.hashes from unnest($1::integer[], $2::bigint[]) as asked (level, index)
       join audit_tiles t on t.level = asked.level and t.index = asked.index`,
    [intArray(places.map(({ level }) => level)), places.map(({ index }) => index)],
  );
  return rows as Tile[];
};

/** The tiles of leaves from one index to another, in their order. */
export const readLeafTiles = async (database: Queryable, from: number, to: number): Promise<Tile[]> =>
  (
    await database.query(
      'select level, index, hashes from audit_tiles where level = 0 and index between $1 and $2 order by index',
      [from, to],
    )
  ).rows as Tile[];

/** The checkpoint over most events. */
export const newestCheckpoint = async (database: Queryable): Promise<Checkpoint | undefined> =>
  (await database.query(`select ${CHECKPOINT} from audit_checkpoints order by size desc limit 1`)).rows[0] as
    Checkpoint | undefined;

/** The checkpoint over exactly so many events. */
export const checkpointOver = async (database: Queryable, size: number): Promise<Checkpoint | undefined> =>
  (await database.query(`select ${CHECKPOINT} from audit_checkpoints where size = $1`, [size])).rows[0] as
    Checkpoint | undefined;

/** The newest first; the place of a page is the size of the last checkpoint of the one before. */
export const listCheckpoints = async (
  database: Queryable,
  { limit, after = Number.MAX_SAFE_INTEGER }: PageQuery<number>,
): Promise<Page<Checkpoint, number>> => {
  const { rows } = await database.query(
    `select ${CHECKPOINT} from audit_checkpoints where size < $1 order by size desc limit $2`,
    [after, limit + 1],
  );
  const items = rows.slice(0, limit) as Checkpoint[];
  return { items, next: rows.length > limit ? items.at(-1)!.size : null };
};

/** Checkpoints over more than so many events, the oldest first. */
export const checkpointsAfter = async (database: Queryable, size: number, limit: number): Promise<Checkpoint[]> =>
  (
    await database.query(`select ${CHECKPOINT} from audit_checkpoints where size > $1 order by size limit $2`, [
      size,
      limit,
    ])
  ).rows as Checkpoint[];

/** The keys that have signed, the one that signs now last. */
export const readKeys = async (database: Queryable): Promise<AuditKey[]> =>
  (
    await database.query(
      `select key_id as "keyId", vkey, from_size as "fromSize", ${timeOf('added_at')} as "addedAt"
         from audit_keys order by number`,
    )
  ).rows as AuditKey[];

/** From now on this key signs. */
export const addKey = async (tx: Queryable, { keyId, vkey, fromSize }: Omit<AuditKey, 'addedAt'>): Promise<void> => {
  await tx.query('insert into audit_keys (key_id, vkey, from_size) values ($1, $2, $3)', [keyId, vkey, fromSize]);
};

export type Sealed = Readonly<{ tiles: readonly Tile[]; checkpoints: readonly Checkpoint[] }>;

/** Writes what was sealed, in the transaction that has the checkpoint. */
export const writeSealed = async (tx: Queryable, { tiles, checkpoints }: Sealed): Promise<void> => {
  await tx.query(
    `insert into audit_tiles (level, index, hashes)
     select * from unnest($1::integer[], $2::bigint[], $3::bytea[])
         on conflict (level, index) do update set hashes = excluded.hashes`,
    [
      intArray(tiles.map(({ level }) => level)),
      tiles.map(({ index }) => index),
      byteaArray(tiles.map(({ hashes }) => hashes)),
    ],
  );
  await tx.query(
    `insert into audit_checkpoints (size, root, key_id, created_at, note)
     select * from unnest($1::bigint[], $2::bytea[], $3::text[], $4::timestamptz[], $5::text[])`,
    [
      checkpoints.map(({ size }) => size),
      byteaArray(checkpoints.map(({ root }) => root)),
      checkpoints.map(({ keyId }) => keyId),
      checkpoints.map(({ time }) => time),
      checkpoints.map(({ note }) => note),
    ],
  );
  await moveCheckpoint(tx, SEALED, checkpoints.at(-1)!.size);
};
