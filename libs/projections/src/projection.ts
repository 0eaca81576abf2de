import type { EventType } from '#domain';
import type { Queryable, Table } from '#event-store';

import { FoldedBuild, MOST_BYTES, type Build } from './build.js';
import type { LogEvent } from './log-events.js';
import type { Site } from './site.js';

export type ViewName = 'targets' | 'current' | 'deployments' | 'deadlines' | 'tenures' | 'commits';

/** A view as the loop runs it. The table has its name; a new `version` has it built anew. */
export type Projection = Readonly<{
  name: ViewName;
  version: number;
  /** Applies a page of the log, in position order, each event once. Any split of the log into pages gives the same rows. */
  apply(tx: Queryable, events: readonly LogEvent[]): Promise<void>;
  /** Begins a build of the view that holds its rows in memory; without it a build applies page after page. */
  build?(site: Site, mostBytes?: number): Build;
}>;

export type Fold<Row> = (row: Row | undefined, event: LogEvent) => Row | undefined;

/** A view as a table of functions: which row an event belongs to, and what each type of event makes of it (undefined: it goes). */
export type Definition<Row, Item> = Readonly<{
  name: ViewName;
  version: number;
  rowOf: (event: LogEvent) => string;
  when: Readonly<Partial<Record<EventType, Fold<Row>>>>;
  load: (tx: Queryable, keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>;
  save: (tx: Queryable, rows: ReadonlyMap<string, Row | undefined>) => Promise<void>;
  building: Building<Row, Item>;
}>;

/** What a build may know of rows, so that it need not ask the table and writes most of them once. */
export type Building<Row, Item> = Readonly<{
  table: Table<Item>;
  /** Whether there can be no row before this event. */
  begins: (event: LogEvent) => boolean;
  /** Whether hardly any event of the row is still to come. */
  isSettled: (row: Row) => boolean;
  /** A row that is new, as it stands in the table; null for one that only `save` can write, when all others are there. */
  itemsOf: (key: string, row: Row) => readonly Item[] | null;
}>;

/** Loads the rows that a page touches in one go, folds them in memory, and saves them in one go. */
export const defineProjection = <Row, Item>(definition: Definition<Row, Item>): Projection => {
  const { name, version, rowOf, when, load, save } = definition;
  const apply = async (tx: Queryable, events: readonly LogEvent[]): Promise<void> => {
    const pertinent = events.filter(({ type }) => when[type]);
    if (pertinent.length === 0) return;
    const rows = new Map<string, Row | undefined>(await load(tx, [...new Set(pertinent.map(rowOf))]));
    const touched = new Map<string, Row | undefined>();
    for (const event of pertinent) {
      const key = rowOf(event);
      const row = when[event.type]!(rows.get(key), event);
      rows.set(key, row);
      touched.set(key, row);
    }
    await save(tx, touched);
  };
  return {
    name,
    version,
    apply,
    build: (site, mostBytes = MOST_BYTES) => new FoldedBuild(definition, site, mostBytes),
  };
};

/** The same function for each of these types. */
export const onEach = <Row>(types: readonly EventType[], fold: Fold<Row>): Partial<Record<EventType, Fold<Row>>> =>
  Object.fromEntries(types.map((type) => [type, fold]));
