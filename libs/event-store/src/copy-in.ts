import pg from 'pg';
import { FieldWriter } from './fields.js';
import type { Queryable } from './pool.js';
import type { Table } from './tables.js';

/** Signature, flags and the length of an extension that there is none of. */
export const FILE_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const FILE_END = Buffer.from([0xff, 0xff]);
/** Rows that go out together. */
const PIECE = 2 ** 20;

/**
 * Writes rows into a table by binary COPY, a piece under way while the next one is filled. The table must have been made in
 * this transaction: its rows are written as ones that everybody sees.
 */
export class CopyIn<Item> {
  #filling = new FieldWriter(PIECE + PIECE / 4);
  #sending = new FieldWriter(PIECE + PIECE / 4);
  readonly #text: string;
  #sent: Promise<void> = Promise.resolve();

  constructor(
    private readonly tx: Queryable,
    private readonly table: Table<Item>,
  ) {
    const { name, columns } = table;
    this.#text = `copy ${name} (${columns.map((each) => each.name).join()}) from stdin (format binary, freeze)`;
  }

  /** Is to be followed by `send` once `isFull`. */
  add(item: Item): void {
    const { columns } = this.table;
    this.#filling.short(columns.length);
    for (const { write } of columns) write(this.#filling, item);
  }

  get isFull(): boolean {
    return this.#filling.length >= PIECE;
  }

  /** Sends what was added, when what was sent before has been written. */
  async send(): Promise<void> {
    await this.#sent;
    if (this.#filling.length === 0) return;
    [this.#filling, this.#sending] = [this.#sending, this.#filling];
    const rows = this.#sending.take();
    const copy = new Promise<void>((resolve, reject) => {
      const query = new CopyQuery(this.#text, rows, (error) => (error ? reject(error) : resolve()));
      (this.tx as unknown as pg.ClientBase).query(query);
    });
    copy.catch(() => undefined);
    this.#sent = copy;
  }

  /** Sends the rest, and resolves when all rows have been written. */
  async end(): Promise<void> {
    await this.send();
    await this.#sent;
  }
}

/** The part of pg's connection that a COPY needs. */
type Wire = Readonly<{ sendCopyFromChunk(bytes: Buffer): void; endCopyFrom(): void }>;

class CopyQuery extends pg.Query {
  constructor(
    text: string,
    private readonly chunk: Buffer,
    callback: (error: Error | undefined) => void,
  ) {
    super(text, callback);
  }

  handleCopyInResponse(connection: Wire): void {
    connection.sendCopyFromChunk(FILE_HEADER);
    connection.sendCopyFromChunk(this.chunk);
    connection.sendCopyFromChunk(FILE_END);
    connection.endCopyFrom();
  }
}
