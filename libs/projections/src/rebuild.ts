import { inTransaction, keepingOpen, moveCheckpoint, readCheckpoint, type Pool, type Queryable } from '#event-store';

import { checkpointOf } from './advance.js';
import type { Log, LogEvent } from './log-events.js';
import type { Projection, ViewName } from './projection.js';
import { readAhead } from './read-ahead.js';

/** Rows that many events touch are written once for all of them. */
const AT_ONCE = 20_000;

export type BuildParts = Readonly<{ pool: Pool; log: Log; signal?: AbortSignal }>;

/** Somebody builds or verifies this view already. */
export class BuildUnderWay extends Error {
  override readonly name = 'BuildUnderWay';
  constructor(view: ViewName) {
    super(`View ${view} is being built or verified already.`);
  }
}

/**
 * Builds a view anew from the first event, beside the live one, which goes on until the new one takes its place in one
 * moment; answers the position it has then. All of it is one transaction: whatever ends it early leaves nothing behind.
 */
export const rebuild = (projection: Projection, parts: BuildParts): Promise<number> =>
  inTransaction(parts.pool, async (tx) => {
    const { name, version } = projection;
    await beginBuild(tx, name);
    let position = await build(projection, tx, { ...parts, after: 0 });
    // Whoever writes the live one is through, and nobody begins: what comes now is little, and the last.
    await tx.query('select from projections where name = $1 for update', [name]);
    position = await build(projection, tx, { ...parts, after: position });
    const stood = await readCheckpoint(tx, checkpointOf(name));
    if (position < stood) throw new Error(`View ${name} stands at position ${stood}, the log ends at ${position}.`);
    await tx.query('select finish_build($1)', [name]);
    await moveCheckpoint(tx, checkpointOf(name), position);
    await tx.query('update projections set version = $2 where name = $1', [name, version]);
    return position;
  });

/** Has the view's name mean a new, empty table for the rest of the transaction. */
export const beginBuild = async (tx: Queryable, name: ViewName): Promise<void> => {
  const { rows } = await tx.query(`select pg_try_advisory_xact_lock(hashtext('build ' || $1)) as mine`, [name]);
  if (!rows[0].mine) throw new BuildUnderWay(name);
  await tx.query('select begin_build($1)', [name]);
};

type BuildRange = BuildParts & Readonly<{ after: number; upTo?: number }>;

/** Applies the log between two positions, up to its end where `upTo` is not given; answers how far it came. */
export const build = async (projection: Projection, tx: Queryable, range: BuildRange): Promise<number> => {
  let position = range.after;
  let waiting: LogEvent[] = [];
  const apply = async () => {
    range.signal?.throwIfAborted();
    await projection.apply(tx, waiting);
    position = waiting.at(-1)?.position ?? position;
    waiting = [];
  };
  const ranges = readAhead(range.log, range.after, range.upTo);
  for (;;) {
    const next = await keepingOpen(tx, ranges.next());
    if (next.done) break;
    waiting = waiting.concat(next.value);
    if (waiting.length >= AT_ONCE) await apply();
  }
  await apply();
  return position;
};
