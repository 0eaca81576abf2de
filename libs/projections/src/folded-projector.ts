import type { Queryable } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Definition, Projector } from './projection.js';
import { bytesOfRow, recentRows } from './recent-rows.js';
import { touchedRows } from './touched-rows.js';

/** Loads the rows that a page touches in one go, but for those it remembers, folds them in memory, and saves them in one go. */
export class FoldedProjector<Row extends object, Item> implements Projector {
  readonly #recent;

  constructor(
    private readonly definition: Definition<Row, Item>,
    mostBytes?: number,
  ) {
    this.#recent = recentRows<Row>(mostBytes);
  }

  async apply(tx: Queryable, events: readonly LogEvent[]): Promise<void> {
    const { when, save } = this.definition;
    const { pertinent, keys } = touchedRows(this.definition, events);
    if (pertinent.length === 0) return;
    const stored = await this.#find(tx, pertinent, keys);
    const rows = new Map(stored);
    const last = new Map<string, LogEvent>();
    for (const [index, event] of pertinent.entries()) {
      const key = keys[index]!;
      rows.set(key, when[event.type]!(rows.get(key), event));
      last.set(key, event);
    }
    await save(tx, rows, stored);
    for (const [key, row] of rows) this.#remember(key, row, last.get(key)!);
  }

  /** The rows of these events as the table has them. */
  async #find(
    tx: Queryable,
    events: readonly LogEvent[],
    keys: readonly string[],
  ): Promise<Map<string, Row | undefined>> {
    const { before, load } = this.definition;
    const rows = new Map<string, Row | undefined>();
    const missing: string[] = [];
    for (const [index, event] of events.entries()) {
      const key = keys[index]!;
      if (rows.has(key)) continue;
      const told = before(event);
      const known = told === undefined ? this.#recent.get(key) : (told ?? undefined);
      rows.set(key, known);
      if (told === undefined && !known) missing.push(key);
    }
    if (missing.length > 0) for (const [key, row] of await load(tx, missing)) rows.set(key, row);
    return rows;
  }

  /** What events tell is not kept twice. */
  #remember(key: string, row: Row | undefined, last: LogEvent): void {
    const { before, isSettled } = this.definition;
    if (row === undefined || isSettled(row) || before(last)) this.#recent.delete(key);
    else this.#recent.set(key, row, { size: bytesOfRow(last) });
  }
}
