import type { LogEvent } from './log-events.js';

/** What a row takes beside its JSON: an estimate, in bytes. */
const OF_A_ROW = 1_000;

/** What a row takes in memory, guessed from an event that made it. */
export const bytesOfRow = (event: LogEvent): number => OF_A_ROW + 2 * event.bytes;

/** Rows that were used last, and that there is none for a key. */
export class RecentRows<Row> {
  #young = new Map<string, Row | undefined>();
  #old = new Map<string, Row | undefined>();
  #bytes = 0;

  /** Of `mostBytes` at least half is what was used last. */
  constructor(private readonly mostBytes: number) {}

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  get(key: string): Row | undefined {
    return this.#young.has(key) ? this.#young.get(key) : this.#old.get(key);
  }

  keep(key: string, row: Row | undefined, bytes: number): void {
    if (!this.#young.has(key)) this.#bytes += bytes;
    this.#young.set(key, row);
    if (this.#bytes <= this.mostBytes / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }

  drop(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
