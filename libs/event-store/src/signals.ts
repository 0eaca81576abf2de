import pg from 'pg';
import { connectionConfig, type ConnectionOptions } from './pool.js';

const CHANNEL = 'shiplog_log';
const POLL_MS = 1_000;
const PATIENCE_MS = 2_000;

/** What `Signals` tells: a position that another process named, and the moments to look for oneself. */
export type SignalListener = Readonly<{ hint: (position: number) => void; poll: (client: pg.Client) => Promise<void> }>;

/**
 * Hints between processes over one connection of their own: LISTEN and NOTIFY, and once a second a look at the log, because
 * a hint may be lost. A connection that breaks is replaced with the next look. Nothing here is waited for by an append.
 */
export class Signals {
  #client: pg.Client | undefined;
  #sent = 0;
  #wanted = 0;
  #sending = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly listener: SignalListener,
  ) {}

  /** Looks now, then every second. */
  start(): void {
    this.#looking = this.#look();
  }

  /** Tells other processes that the log reached `position`; while one hint is on its way, only the last one follows it. */
  notify(position: number): void {
    this.#wanted = Math.max(this.#wanted, position);
    if (!this.#sending) void this.#send();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#client?.end().catch(() => {});
  }

  async #send(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#client && this.#sent < this.#wanted) {
        this.#sent = this.#wanted;
        await this.#client.query('select pg_notify($1, $2)', [CHANNEL, String(this.#sent)]);
      }
    } catch {
      // Only a hint: the others look for themselves within a second.
    } finally {
      this.#sending = false;
    }
  }

  async #look(): Promise<void> {
    try {
      this.#client ??= await this.#connect();
      await this.listener.poll(this.#client);
    } catch {
      // The database is away. Whoever needs it is told by his own call; this one looks again.
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, POLL_MS);
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(connectionConfig(this.options, PATIENCE_MS));
    const lost = (): void => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload, processId }) => {
      const position = Number(payload);
      if (processId !== (client as { processID?: number }).processID && Number.isSafeInteger(position)) {
        this.listener.hint(position);
      }
    });
    try {
      await client.connect();
      // A hint is not worth a flush of the write-ahead log.
      await client.query(`set synchronous_commit = off; listen ${CHANNEL}`);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return client;
  }
}
