import { CopyIn } from '#event-store';

import type { LogEvent } from './log-events.js';
import type { Build, BuildingSite, Definition, Fold } from './projection.js';

/** What the rows in memory may come to, and what a row takes beside its JSON: estimates, in bytes. */
export const MOST_BYTES = 40 * 2 ** 20;
const OF_A_ROW = 1_000;
/** The part of it that is written at once when it is full. */
const FREED = 1 / 16;
/** Rows that one statement writes where the table has them. */
const AT_ONCE = 2_000;

type Rows<Row> = Map<string, Row | undefined>;

/** `isStored`: the table has it, as it was once. */
type Held<Row> = { row: Row | undefined; isStored: boolean; bytes: number };

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
    private readonly mostBytes: number,
  ) {
    this.#copy = new CopyIn(site.tx, definition.building.table);
  }

  async add(events: readonly LogEvent[]): Promise<void> {
    const { rowOf, when } = this.definition;
    const pertinent = events.filter(({ type }) => when[type]);
    const { rows, missing } = this.#find(pertinent, pertinent.map(rowOf));
    if (missing.size > 0) await this.#fetch(missing);
    for (const [index, event] of pertinent.entries()) this.#fold(rows[index]!, event, when[event.type]!);
    if (this.#bytes > this.mostBytes) await this.#makeRoom();
  }

  async end(): Promise<void> {
    const left: Rows<Row> = new Map();
    for (const [key, held] of this.#held) {
      if (!this.#write(key, held, left)) left.set(key, held.row);
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
    const { begins } = this.definition.building;
    const missing = new Map<string, Held<Row>>();
    const rows = events.map((event, index) => {
      const key = keys[index]!;
      const known = this.#held.get(key);
      if (known) return known;
      const held: Held<Row> = { row: undefined, isStored: false, bytes: 0 };
      this.#held.set(key, held);
      if (!begins(event)) missing.set(key, held);
      return held;
    });
    return { rows, missing };
  }

  async #fetch(missing: ReadonlyMap<string, Held<Row>>): Promise<void> {
    await this.#copy.end();
    await this.site.giveKey();
    for (const [key, row] of await this.definition.load(this.site.tx, [...missing.keys()]))
      Object.assign(missing.get(key)!, { row, isStored: true });
  }

  #fold(held: Held<Row>, event: LogEvent, fold: Fold<Row>): void {
    held.row = fold(held.row, event);
    const bytes = OF_A_ROW + 2 * event.bytes;
    if (bytes <= held.bytes) return;
    this.#bytes += bytes - held.bytes;
    held.bytes = bytes;
  }

  /** A little at a time, so that the database writes it while the next events are read and folded. */
  async #makeRoom(): Promise<void> {
    const { isSettled } = this.definition.building;
    const enough = this.mostBytes * (1 - FREED);
    const left: Rows<Row> = new Map();
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
  #write(key: string, { row, isStored }: Held<Row>, left: Rows<Row>): boolean {
    if (isStored) left.set(key, row);
    if (isStored || row === undefined) return true;
    const items = this.definition.building.itemsOf(key, row);
    for (const item of items ?? []) this.#copy.add(item);
    return items !== null;
  }

  /** Behind all that was written. */
  async #save(left: Rows<Row>): Promise<void> {
    if (left.size === 0) return;
    await this.#copy.end();
    await this.site.giveKey();
    const rows = [...left];
    for (let from = 0; from < rows.length; from += AT_ONCE)
      await this.definition.save(this.site.tx, new Map(rows.slice(from, from + AT_ONCE)));
  }
}
