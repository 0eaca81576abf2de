/** A row of a table in memory, its columns by name. */
export type Row = Readonly<Record<string, unknown>>;
export type Answer = { rows: Row[]; rowCount: number };

/** What a column of type text or timestamptz holds; null where it holds nothing. */
export const textIn = (row: Row, name: string): string | null => (row[name] as string | null | undefined) ?? null;

/** The row is locked by another transaction: the statement waits. */
export class Locked extends Error {
  override readonly name = 'Locked';
}

const IDLE_MS = 10_000;

/** Told of each row that is committed. */
export type Committed = (table: string, key: string, row: Row | undefined) => void;

/** Tables that transactions write to: what is not committed is seen by nobody else, and a row has one writer at a time. */
export class Tables {
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly locks = new Map<string, Transaction>();
  readonly open = new Set<Transaction>();

  constructor(
    /** The clock of the database, and milliseconds of its own. */
    readonly clock: () => string,
    readonly nowMs: () => number,
    readonly committed: Committed = () => undefined,
  ) {}

  rowsOf(table: string): Map<string, Row> {
    const rows = this.#rows.get(table) ?? new Map<string, Row>();
    this.#rows.set(table, rows);
    return rows;
  }

  begin(owner: unknown): Transaction {
    const transaction = new Transaction(this, owner);
    this.open.add(transaction);
    return transaction;
  }
}

/** One transaction: sees what is committed, and what it wrote. */
export class Transaction {
  readonly #written = new Map<string, Map<string, Row | undefined>>();
  #lastAt: number;
  isOver = false;

  constructor(
    private readonly tables: Tables,
    readonly owner: unknown,
  ) {
    this.#lastAt = tables.nowMs();
  }

  get now(): string {
    return this.tables.clock();
  }

  /** It is sent something: the server lets it live on. */
  stir(): void {
    this.#lastAt = this.tables.nowMs();
  }

  get(table: string, key: string): Row | undefined {
    const own = this.#written.get(table);
    return own?.has(key) ? own.get(key) : this.tables.rowsOf(table).get(key);
  }

  all(table: string): Row[] {
    const rows = new Map<string, Row | undefined>(this.tables.rowsOf(table));
    for (const [key, row] of this.#written.get(table) ?? []) rows.set(key, row);
    return [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row)
      .filter((row) => row !== undefined);
  }

  set(table: string, key: string, row: Row | undefined): void {
    if (!this.lock(table, key)) throw new Locked(`${table} ${key}`);
    const own = this.#written.get(table) ?? new Map<string, Row | undefined>();
    this.#written.set(table, own.set(key, row));
  }

  /** Takes the row for the rest of the transaction; false while another one has it. */
  lock(table: string, key: string): boolean {
    const place = `${table} ${key}`;
    const holder = this.tables.locks.get(place);
    if (holder && holder !== this) {
      if (this.tables.nowMs() - holder.#lastAt <= IDLE_MS) return false;
      // The server ends a transaction that is sent nothing for so long.
      holder.rollback();
    }
    this.tables.locks.set(place, this);
    return true;
  }

  commit(): void {
    for (const [table, own] of this.#written) {
      const rows = this.tables.rowsOf(table);
      for (const [key, row] of own) {
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
      }
    }
    this.#end();
    for (const [table, own] of this.#written) for (const [key, row] of own) this.tables.committed(table, key, row);
  }

  rollback(): void {
    this.#end();
  }

  #end(): void {
    this.isOver = true;
    this.tables.open.delete(this);
    for (const [place, holder] of this.tables.locks) if (holder === this) this.tables.locks.delete(place);
  }
}

/** What a statement does to tables in memory, given what pg would send with it. */
export type Statement = (tx: Transaction, values: readonly unknown[]) => Answer;
