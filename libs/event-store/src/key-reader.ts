import { Lane } from './lane.js';
import type { PoolOptions, Queryable } from './pool.js';

/**
 * Reads few rows by key from tables of any size, over one pipelined connection: each statement is planned once, to walk along
 * indexes. Nothing slow may go this way, for whatever comes behind it waits.
 */
export class KeyReader implements Queryable {
  readonly #lane: Lane;
  /** The names by which the server knows the statements: their texts are constants of the code. */
  readonly #names = new Map<string, string>();

  constructor(options: Omit<PoolOptions, 'max' | 'idleTransactionMs'>) {
    this.#lane = new Lane(options, async () => {});
  }

  async query(text: string, values: unknown[] = []): ReturnType<Queryable['query']> {
    const name = this.#names.get(text) ?? `s${this.#names.size}`;
    this.#names.set(text, name);
    const rows = await this.#lane.query({ name, text, values });
    return { rows, rowCount: rows.length };
  }

  /** Waits for what is under way. */
  close(): Promise<void> {
    return this.#lane.close();
  }
}
