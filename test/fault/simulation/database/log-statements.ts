import { changed, rows } from './answers.js';
import type { Row, Statement } from './tables.js';

const later = (now: string, ms: number): string => {
  const moved = new Date(Date.parse(`${now.slice(0, 23)}Z`) + ms).toISOString();
  return `${moved.slice(0, 23)}${now.slice(23)}`;
};
const PAST = '-infinity';
const isPast = (time: unknown, now: string): boolean => time === PAST || String(time) <= now;

/** Leases and checkpoints. */
export const logStatements: Readonly<Record<string, Statement>> = {
  select: () => rows([]),

  [`insert into leases as l values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
       on conflict (name) do update
         set holder = excluded.holder, epoch = l.epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       where l.expires_at <= clock_timestamp() or l.expires_at > clock_timestamp() + $3 * interval '2 milliseconds'
          or l.holder = excluded.holder
     returning epoch`]: (tx, [name, holder, ttlMs]) => {
    const held = tx.get('leases', String(name));
    const lasts =
      held && !isPast(held['expires_at'], tx.now) && String(held['expires_at']) <= later(tx.now, 2 * Number(ttlMs));
    if (lasts && held['holder'] !== holder) return rows([]);
    const epoch = Number(held?.['epoch'] ?? 0) + 1;
    const row: Row = { name, holder, epoch, expires_at: later(tx.now, Number(ttlMs)) };
    tx.set('leases', String(name), row);
    return rows([{ epoch }]);
  },

  [`update leases set expires_at = clock_timestamp() + $3 * interval '1 millisecond' where name = $1 and epoch = $2`]: (
    tx,
    [name, epoch, ttlMs],
  ) => {
    const held = tx.get('leases', String(name));
    if (held?.['epoch'] !== epoch) return changed(0);
    tx.set('leases', String(name), { ...held, expires_at: later(tx.now, Number(ttlMs)) });
    return changed(1);
  },

  [`update leases set expires_at = '-infinity' where name = $1 and epoch = $2`]: (tx, [name, epoch]) => {
    const held = tx.get('leases', String(name));
    if (held?.['epoch'] !== epoch) return changed(0);
    tx.set('leases', String(name), { ...held, expires_at: PAST });
    return changed(1);
  },

  [`with held as (select from leases where name = $1 and epoch = $2 for share)
     insert into checkpoints select $3, $4 from held
       on conflict (name) do update set position = excluded.position, moved_at = clock_timestamp()`]: (
    tx,
    [name, epoch, checkpoint, position],
  ) => {
    if (tx.get('leases', String(name))?.['epoch'] !== epoch) return changed(0);
    // One writer of the row at a time: as a share lock does, this keeps a term from beginning meanwhile.
    tx.set('leases', String(name), tx.get('leases', String(name)));
    tx.set('checkpoints', String(checkpoint), { name: checkpoint, position });
    return changed(1);
  },

  'select position from checkpoints where name = $1 for update skip locked': (tx, [name]) => {
    const row = tx.get('checkpoints', String(name));
    return rows(row && tx.lock('checkpoints', String(name)) ? [{ position: row['position'] }] : []);
  },

  'insert into checkpoints values ($1, 0) on conflict do nothing': (tx, [name]) => {
    if (tx.get('checkpoints', String(name))) return changed(0);
    tx.set('checkpoints', String(name), { name, position: 0 });
    return changed(1);
  },

  [`insert into checkpoints values ($1, $2)
       on conflict (name) do update set position = excluded.position, moved_at = clock_timestamp()`]: (
    tx,
    [name, position],
  ) => {
    tx.set('checkpoints', String(name), { name, position });
    return changed(1);
  },

  'select position from checkpoints where name = $1': (tx, [name]) => {
    const row = tx.get('checkpoints', String(name));
    return rows(row ? [{ position: row['position'] }] : []);
  },

  'select name, position from checkpoints order by name': (tx) =>
    rows(tx.all('checkpoints').map(({ name, position }) => ({ name, position }))),
};
