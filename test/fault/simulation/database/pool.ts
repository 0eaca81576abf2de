import type { Pool, Queryable } from '#event-store';
import { newLine, type Line, type Link } from '../weather.js';
import { carryOut } from './statements.js';
import { Locked, type Answer, type Tables, type Transaction } from './tables.js';

const ended = (): Error =>
  Object.assign(new Error('terminating connection due to idle-in-transaction timeout'), { code: '25P03' });
const lockTimeout = (): Error => Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
const LOCK_MS = 10_000;
const WAIT_MS = 2;

export type PoolParts = Readonly<{
  tables: Tables;
  link: Pick<Link, 'call'>;
  /** Whose transactions end when it dies. */
  owner: unknown;
  sleep: (ms: number) => Promise<unknown>;
}>;

/** One connection: its statements are carried out in order, in its transaction where it has begun one. */
class Client {
  readonly #line: Line = newLine();
  #tx: Transaction | undefined;
  #isBroken = false;

  constructor(private readonly parts: PoolParts) {}

  async query(text: string, values: readonly unknown[] = []): Promise<Answer> {
    if (this.#isBroken) throw new Error('Connection terminated unexpectedly');
    try {
      for (let waited = 0; ; waited += WAIT_MS) {
        const answer = await this.parts.link.call(nameOf(text), () => this.#carryOut(text, values), this.#line);
        if (answer) return answer;
        if (waited >= LOCK_MS) throw lockTimeout();
        await this.parts.sleep(WAIT_MS);
      }
    } catch (error) {
      if ((error as { code?: string }).code === undefined) this.#break();
      throw error;
    }
  }

  release(broken?: unknown): void {
    if (broken) this.#break();
  }

  on(): this {
    return this;
  }

  #break(): void {
    this.#isBroken = true;
    this.#tx?.rollback();
  }

  /** Undefined where a row is locked: the statement has done nothing. */
  #carryOut(text: string, values: readonly unknown[]): Answer | undefined {
    const done = { rows: [], rowCount: 0 };
    if (text === 'begin') {
      this.#tx = this.parts.tables.begin(this.parts.owner);
      return done;
    }
    if (text === 'rollback') {
      this.#tx?.rollback();
      this.#tx = undefined;
      return done;
    }
    if (this.#tx?.isOver) throw ended();
    this.#tx?.stir();
    if (text === 'commit') {
      this.#tx?.commit();
      this.#tx = undefined;
      return done;
    }
    return this.#tx ? inside(this.#tx, text, values) : alone(this.parts, text, values);
  }
}

const inside = (tx: Transaction, text: string, values: readonly unknown[]): Answer | undefined => {
  try {
    return carryOut(tx, text, values);
  } catch (error) {
    if (error instanceof Locked) return undefined;
    throw error;
  }
};

/** A statement without a transaction is one. */
const alone = ({ tables, owner }: PoolParts, text: string, values: readonly unknown[]): Answer | undefined => {
  const tx = tables.begin(owner);
  try {
    const answer = carryOut(tx, text, values);
    tx.commit();
    return answer;
  } catch (error) {
    tx.rollback();
    if (error instanceof Locked) return undefined;
    throw error;
  }
};

const nameOf = (text: string): string => text.trim().split(/\s+/, 3).join(' ');

/** A pool of connections to tables in memory, as the product asks for one. */
export const memoryPool = (parts: PoolParts): Pool => {
  const pool: Queryable & { connect: () => Promise<Client> } = {
    query: (text, values) => new Client(parts).query(text, values) as ReturnType<Queryable['query']>,
    // As a rule one that is open lies ready; whether it still is shows with the first statement.
    connect: async () => new Client(parts),
  };
  return pool as unknown as Pool;
};
