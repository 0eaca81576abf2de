import type { Queryable } from './pool.js';

/** A term of one holder. `epoch` grows with every term of that name. */
export type Lease = Readonly<{ epoch: number }>;

/**
 * Begins a term of `ttlMs` by the database's clock; null while another holder's term lasts. One that would last twice as long
 * as any does was begun before that clock went back: it is over.
 */
export const acquireLease = async (
  database: Queryable,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<Lease | null> => {
  const { rows } = await database.query(
    `insert into leases as l values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
       on conflict (name) do update
         set holder = excluded.holder, epoch = l.epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       where l.expires_at <= clock_timestamp() or l.expires_at > clock_timestamp() + $3 * interval '2 milliseconds'
          or l.holder = excluded.holder
     returning epoch`,
    [name, holder, ttlMs],
  );
  return rows[0] ? { epoch: Number(rows[0].epoch) } : null;
};

/** Makes the term last `ttlMs` from now, also after it ran out if nobody else began one; false: it is over. */
export const renewLease = async (database: Queryable, name: string, epoch: number, ttlMs: number): Promise<boolean> => {
  const { rowCount } = await database.query(
    `update leases set expires_at = clock_timestamp() + $3 * interval '1 millisecond' where name = $1 and epoch = $2`,
    [name, epoch, ttlMs],
  );
  return rowCount === 1;
};

/** Ends the term, so that another can begin at once. */
export const releaseLease = async (database: Queryable, name: string, epoch: number): Promise<void> => {
  await database.query(`update leases set expires_at = '-infinity' where name = $1 and epoch = $2`, [name, epoch]);
};

/**
 * Sets a checkpoint while the term is the last one of its name; false: another holder began one, and nothing was written.
 * The lease is locked meanwhile, so that no term begins between the look and the write.
 */
export const advanceUnderLease = async (
  database: Queryable,
  lease: Readonly<{ name: string; epoch: number }>,
  checkpoint: string,
  position: number,
): Promise<boolean> => {
  const { rowCount } = await database.query(
    `with held as (select from leases where name = $1 and epoch = $2 for share)
     insert into checkpoints select $3, $4 from held
       on conflict (name) do update set position = excluded.position, moved_at = clock_timestamp()`,
    [lease.name, lease.epoch, checkpoint, position],
  );
  return rowCount === 1;
};
