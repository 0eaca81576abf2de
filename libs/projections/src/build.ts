import { CopyIn } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Build, BuildingSite, Definition, Fold } from './projection.js';
import { bytesOfRow } from './recent-rows.js';
import { touchedRows } from './touched-rows.js';

/** What the rows in memory may come to: an estimate, in bytes. */
const MOST_BYTES = 40 * 2 ** 20;
/** The part of it that is written at once when it is full. */
const FREED = 1 / 16;
/** Rows that one statement writes where the table has them. */
const AT_ONCE = 2_000;

/** `stored` is what the table has. */
type Held<Row> = { row: Row | undefined; stored?: Row; bytes: number };

/** What the table is to get in place of what it has. */
type Left<Row> = Map<string, Held<Row>>;

/**
 * Folds the log in memory and writes each row once, when it is settled or the log ends. What does not fit in memory is written
 * earlier, first what is settled, then what began first, and is loaded when an event asks for it.
 */
export class FoldedBuild<Row, Item> implements Build {
  readonly #held = new Map<string, Held<Row>>();
  #bytes = 0;
  readonly #copy: CopyIn<Item>;

  constructor(
    private readonly definition: Definition<Row, Item>,
    private readonly site: BuildingSite,
    private readonly mostBytes = MOST_BYTES,
  ) {
    this.#copy = new CopyIn(site.tx, definition.table);
  }

  async add(events: readonly LogEvent[]): Promise<void> {
    const { when } = this.definition;
    const { pertinent, keys } = touchedRows(this.definition, events);
    const { rows, missing } = this.#find(pertinent, keys);
    if (missing.size > 0) await this.#fetch(missing);
    for (const [index, event] of pertinent.entries()) this.#fold(rows[index]!, event, when[event.type]!);
    if (this.#bytes > this.mostBytes) await this.#makeRoom();
  }

  async end(): Promise<void> {
    const left: Left<Row> = new Map();
    for (const [key, held] of this.#held) {
      if (!this.#write(key, held, left)) left.set(key, held);
      if (this.#copy.isFull) await this.#copy.send();
    }
    this.#held.clear();
    await this.#copy.end();
    await this.site.giveIndexes();
    await this.#save(left);
  }

  /** The row of each event. Of `missing` nothing is known yet. */
  #find(
    events: readonly LogEvent[],
    keys: readonly string[],
  ): { rows: Held<Row>[]; missing: ReadonlyMap<string, Held<Row>> } {
    const { before } = this.definition;
    const missing = new Map<string, Held<Row>>();
    const rows = events.map((event, index) => {
      const key = keys[index]!;
      const known = this.#held.get(key);
      if (known) return known;
      const held: Held<Row> = { row: undefined, bytes: 0 };
      this.#held.set(key, held);
      if (before(event) !== null) missing.set(key, held);
      return held;
    });
    return { rows, missing };
  }

  async #fetch(missing: ReadonlyMap<string, Held<Row>>): Promise<void> {
    await this.#copy.end();
    await this.site.giveKey();
    for (const [key, row] of await this.definition.load(this.site.tx, [...missing.keys()]))
      Object.assign(missing.get(key)!, { row, stored: row });
  }

  #fold(held: Held<Row>, event: LogEvent, fold: Fold<Row>): void {
    held.row = fold(held.row, event);
    const bytes = bytesOfRow(event);
    if (bytes <= held.bytes) return;
    this.#bytes += bytes - held.bytes;
    held.bytes = bytes;
  }

  /** A little at a time, so that the database writes it while the next events are read and folded. */
  async #makeRoom(): Promise<void> {
    const { isSettled } = this.definition;
    const enough = this.mostBytes * (1 - FREED);
    const left: Left<Row> = new Map();
    const leave = async (key: string, held: Held<Row>): Promise<void> => {
      if (!this.#write(key, held, left)) return;
      this.#held.delete(key);
      this.#bytes -= held.bytes;
      if (this.#copy.isFull) await this.#copy.send();
    };
    for (const [key, held] of this.#held) {
      if (this.#bytes <= enough) break;
      if (held.row === undefined || isSettled(held.row)) await leave(key, held);
    }
    for (const [key, held] of this.#held) {
      if (this.#bytes <= enough) break;
      await leave(key, held);
    }
    await this.#save(left);
  }

  /** A new row goes to the table, one that was there is `left` to be saved. False where it cannot be written yet. */
  #write(key: string, held: Held<Row>, left: Left<Row>): boolean {
    const { row, stored } = held;
    if (stored !== undefined) left.set(key, held);
    if (stored !== undefined || row === undefined) return true;
    const items = this.definition.itemsOf(key, row);
    for (const item of items ?? []) this.#copy.add(item);
    return items !== null;
  }

  /** Behind all that was written. */
  async #save(left: Left<Row>): Promise<void> {
    if (left.size === 0) return;
    await this.#copy.end();
    await this.site.giveKey();
    const all = [...left];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE);
      const rows = new Map(some.map(([key, { row }]) => [key, row]));
      await this.definition.save(this.site.tx, rows, new Map(some.map(([key, { stored }]) => [key, stored])));
    }
  }
}
