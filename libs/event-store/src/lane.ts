import pg from 'pg';
import { connectionConfig, type ConnectionOptions, type PoolOptions } from './pool.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;

/**
 * The statements of the lane find few rows by key in tables of any size. Without these settings a plan made while a table was
 * empty scans it for as long as the plan is cached.
 */
const settings = `set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off;
 set plan_cache_mode = force_generic_plan; set default_transaction_isolation = 'read committed'`;

/** What was answered is on disk, whatever the server's default; a stronger setting stays as it is. */
const durable = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

/** A statement by name: planned once for a connection. */
export type Statement = Readonly<{ name: string; text: string; values: unknown[] }>;

/**
 * One pipelined connection: statements go out at once and are carried out in the order of the calls, each a transaction of its
 * own. A lost connection fails every statement on it; the next call connects anew. While that fails, calls get the error of
 * the last attempt at once, and attempts are made with growing delays.
 */
export class Lane {
  #connecting: Promise<pg.Client> | undefined;
  #client: pg.Client | undefined;
  #failure: { error: unknown; until: number } | undefined;
  #delay = FIRST_DELAY_MS;
  #closed = false;

  constructor(
    private readonly options: ConnectionOptions & Pick<PoolOptions, 'statementTimeoutMs'>,
    private readonly onConnect: (client: pg.Client) => Promise<void>,
  ) {}

  async query<Row extends pg.QueryResultRow>({ name, text, values }: Statement): Promise<Row[]> {
    const client = await this.#connected();
    const { rows } = await client.query<Row>({ name, text, values });
    return rows;
  }

  /** Waits for what is under way, then closes the connection. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#connecting?.catch(() => undefined);
    await client?.end();
  }

  #connected(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new Error('Client was closed and is not queryable'));
    if (this.#failure && performance.now() < this.#failure.until) return Promise.reject(this.#failure.error);
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...connectionConfig(this.options, this.options.statementTimeoutMs),
      pipeline: true,
    });
    const lost = (): void => {
      if (this.#client === client) this.#connecting = this.#client = undefined;
    };
    client.on('error', lost).on('end', lost);
    try {
      await client.connect();
      await client.query(settings);
      await client.query(durable);
      await this.onConnect(client);
    } catch (error) {
      this.#failed(error);
      client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    this.#failure = undefined;
    this.#delay = FIRST_DELAY_MS;
    return client;
  }

  #failed(error: unknown): void {
    this.#connecting = undefined;
    this.#failure = { error, until: performance.now() + this.#delay * (0.5 + Math.random() / 2) };
    this.#delay = Math.min(2 * this.#delay, LONGEST_DELAY_MS);
  }
}
