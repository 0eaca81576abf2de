import type { EventType } from '#domain';
import type { Queryable, Table } from '#event-store';

import type { LogEvent } from './log-events.js';

export type ViewName = 'current' | 'deployments' | 'tenures' | 'commits';

/** Where a view is built: its name means a new, empty table without indexes. */
export type BuildingSite = Readonly<{ tx: Queryable }> & {
  /** Makes sure that rows can be found and replaced by their key. */
  giveKey(): Promise<void>;
  /** Makes all indexes. */
  giveIndexes(): Promise<void>;
};

/** A view being built: the log goes in, in position order and each event once, and then the rows are there. */
export type Build = Readonly<{ add(events: readonly LogEvent[]): Promise<void>; end(): Promise<void> }>;

/**
 * Applies pages of the log to a view, in position order, each event once. Any split of the log into pages gives the same rows.
 * It remembers rows from page to page: when a page was not committed, or the view was written by others, another one goes on.
 */
export type Projector = Readonly<{ apply(tx: Queryable, events: readonly LogEvent[]): Promise<void> }>;

/** A view as the loop runs it. The table has its name; a new `version` has it built anew. */
export type Projection = Readonly<{
  name: ViewName;
  version: number;
  projector(mostBytes?: number): Projector;
  /** Begins a build of the view that holds its rows in memory; without it a build applies page after page. */
  build?(site: BuildingSite, mostBytes?: number): Build;
}>;

export type Fold<Row> = (row: Row | undefined, event: LogEvent) => Row | undefined;

/** A view as a table of functions: which row an event belongs to, and what each type of event makes of it (undefined: it goes). */
export type Definition<Row, Item> = Readonly<{
  name: ViewName;
  version: number;
  /** Undefined where the event leaves its row as it is. */
  rowOf: (event: LogEvent) => string | undefined;
  when: Readonly<Partial<Record<EventType, Fold<Row>>>>;
  /** The row before this event as the event itself tells it: null where there can be none, undefined where it is not told. */
  before: (event: LogEvent) => Row | null | undefined;
  /** Whether hardly any event of the row is still to come. */
  isSettled: (row: Row) => boolean;
  load: (tx: Queryable, keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>;
  /** Writes rows, each with what the table has of it; undefined: nothing, or no longer. */
  save: (tx: Queryable, rows: Rows<Row>, stored: Rows<Row>) => Promise<void>;
  table: Table<Item>;
  /** A row that is new, as it stands in the table; null for one that only `save` can write, when all others are there. */
  itemsOf: (key: string, row: Row) => readonly Item[] | null;
}>;

/** Rows by their keys. */
export type Rows<Row> = ReadonlyMap<string, Row | undefined>;
