import {
  claimCheckpoint,
  inTransaction,
  keepingOpen,
  moveCheckpoint,
  type EventStore,
  type Pool,
  type Queryable,
} from '#event-store';

import type { Projection, ViewName } from './projection.js';
import type { LogPage } from './read-log.js';

/** Events of one page. */
export const PAGE = 5_000;

/** What one turn of a projection came to. A claim is `taken` while another replica is at it. */
export type Turn =
  | Readonly<{ kind: 'moved'; position: number; full: boolean }>
  | Readonly<{ kind: 'taken' }>
  | Readonly<{ kind: 'version'; stored: number }>;

export type Source = Readonly<{
  pool: Pool;
  log: Pick<EventStore, 'head'>;
  readPage: (after: number) => Promise<LogPage>;
}>;

export const checkpointOf = (name: ViewName): string => `projection:${name}`;

/** The log ends before what a view has applied: it lost events, or it is another log. */
export class ViewIsAhead extends Error {
  override readonly name = 'ViewIsAhead';
  constructor(view: ViewName, position: number, end: number) {
    super(
      `View ${view} stands at position ${position}, but the log ends at ${end}: it is not the log that the view was made from.`,
    );
  }
}

/** Applies the next page of the log and moves the checkpoint, in one transaction that one replica at a time gets into. */
export const advance = (projection: Projection, { pool, log, readPage }: Source): Promise<Turn> =>
  inTransaction(pool, async (tx): Promise<Turn> => {
    const stored = await claimVersion(tx, projection.name);
    if (stored === null) return { kind: 'taken' };
    if (stored !== projection.version) return { kind: 'version', stored };
    const position = await claimCheckpoint(tx, checkpointOf(projection.name));
    if (position === null) return { kind: 'taken' };
    const { events, isFull } = await keepingOpen(tx, readPage(position));
    const last = events.at(-1);
    if (!last) {
      const end = (await log.head()).position;
      if (position > end) throw new ViewIsAhead(projection.name, position, end);
      return { kind: 'moved', position, full: false };
    }
    await projection.apply(tx, events);
    await moveCheckpoint(tx, checkpointOf(projection.name), last.position!);
    return { kind: 'moved', position: last.position!, full: isFull };
  });

/** The version that built the view, locked for the rest of the transaction; null while another one has it. */
const claimVersion = async (tx: Queryable, name: ViewName): Promise<number | null> => {
  const claim = 'select version from projections where name = $1 for update skip locked';
  return (await tx.query(claim, [name])).rows[0]?.version ?? null;
};
