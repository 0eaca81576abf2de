import {
  claimCheckpoint,
  inTransaction,
  keepingOpen,
  moveCheckpoint,
  type EventStore,
  type Pool,
  type Queryable,
} from '#event-store';

import type { Projection, Projector, ViewName } from './projection.js';
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

/** Takes a view on from its checkpoint. */
export class Follower {
  #projector: Projector;
  /** Where the view stood, and which table it was, when the projector had applied its last page. */
  #stand: string | undefined;

  constructor(
    private readonly projection: Projection,
    private readonly source: Source,
  ) {
    this.#projector = projection.projector();
  }

  /** Applies the next page of the log and moves the checkpoint, in one transaction that one replica at a time gets into. */
  async advance(): Promise<Turn> {
    const before = this.#stand;
    this.#stand = undefined;
    const { turn, table } = await inTransaction(this.source.pool, (tx) => this.#turn(tx, before));
    if (turn.kind === 'moved') this.#stand = standAt(table, turn.position);
    return turn;
  }

  async #turn(tx: Queryable, before: string | undefined): Promise<{ turn: Turn; table: string }> {
    const { projection, source } = this;
    const claim = await claimView(tx, projection.name);
    if (!claim) return { turn: { kind: 'taken' }, table: '' };
    const { version, table } = claim;
    if (version !== projection.version) return { turn: { kind: 'version', stored: version }, table };
    const position = await claimCheckpoint(tx, checkpointOf(projection.name));
    if (position === null) return { turn: { kind: 'taken' }, table };
    if (before !== standAt(table, position)) this.#projector = projection.projector();
    const { events, isFull } = await keepingOpen(tx, source.readPage(position));
    const last = events.at(-1);
    if (!last) {
      const end = (await source.log.head()).position;
      if (position > end) throw new ViewIsAhead(projection.name, position, end);
      return { turn: { kind: 'moved', position, full: false }, table };
    }
    await this.#projector.apply(tx, events);
    await moveCheckpoint(tx, checkpointOf(projection.name), last.position!);
    return { turn: { kind: 'moved', position: last.position!, full: isFull }, table };
  }
}

const standAt = (table: string, position: number): string => `${table} ${position}`;

/** The version that built the view and the table it is in, locked for the rest of the transaction; undefined while another one has it. */
const claimView = async (tx: Queryable, name: ViewName): Promise<{ version: number; table: string } | undefined> => {
  const claim = 'select version, to_regclass($1)::oid as table from projections where name = $1 for update skip locked';
  return (await tx.query(claim, [name])).rows[0];
};
