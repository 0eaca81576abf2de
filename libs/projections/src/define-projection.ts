import type { EventType } from '#domain';
import type { Queryable } from '#event-store';

import { FoldedBuild, MOST_BYTES } from './build.js';
import type { LogEvent } from './log-events.js';
import type { Definition, Fold, Projection } from './projection.js';

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
