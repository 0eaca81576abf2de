import { appendCall, encodeBatch, readAppended, type AppendRow } from './batch.js';
import { codeOf, LOG_WENT_BACK, LogWentBack } from './errors.js';
import { Lane, type Statement } from './lane.js';
import { createPool, type ConnectionOptions, type Pool, type Queryable } from './pool.js';
import {
  eventsAbove,
  findPositions,
  makePartitions,
  outcomesById,
  readClock,
  readEvents,
  readHead,
  readOutcomesAfter,
  readStreamEvents,
  streamsNotAt,
  type EventFilter,
  type StreamRange,
} from './queries.js';
import type { EventRow } from './event-row.js';
import { readRange, readRows, type EventRange, type Range, type Rows } from './range.js';
import { Signals } from './signals.js';
import {
  NO_STREAM,
  type AppendResult,
  type Batch,
  type LogHead,
  type StoredEvent,
  type StoredOutcome,
  type StreamSnapshot,
} from './types.js';

export type EventStoreOptions = ConnectionOptions &
  Readonly<{
    /** Connections for reading. */
    readers?: number;
    log?: Readonly<{ warn: (details: object, message: string) => void }>;
    /**
     * Told when the store is opened, and every second, what the database's clock shows, in milliseconds since 1970, and when it
     * was asked by the machine's.
     */
    onClock?: (shownMs: number, askedAt: number) => void;
    /** Told once, beside the error that every call throws from then on; the default ends the process as an uncaught exception. */
    onWentBack?: (error: LogWentBack) => void;
  }>;

const loudly = (error: LogWentBack): void => {
  process.nextTick(() => {
    throw error;
  });
};

/**
 * The log in PostgreSQL: one per process. What it promises stands in `eventStoreContract` (#event-store/testing).
 * Errors of which `isUnavailable` is true say nothing about what was asked for; after one, an append may have happened or not.
 */
export class EventStore {
  readonly #pool: Pool;
  readonly #lane: Lane;
  readonly #signals: Signals;
  readonly #listeners = new Set<(position: number) => void>();
  #seen = 0;
  #told = 0;
  #storeId = '';
  #wentBack: LogWentBack | undefined;
  #making: Promise<void> | undefined;

  private constructor(private readonly options: EventStoreOptions) {
    const applicationName = options.applicationName ?? 'shiplog';
    const named = (part: string): ConnectionOptions => ({
      connectionString: options.connectionString,
      applicationName: `${applicationName} ${part}`,
    });
    this.#pool = createPool({ ...named('readers'), max: options.readers ?? 4 });
    this.#lane = new Lane(named('append'), async (client) => void (await this.#look(client)));
    this.#signals = new Signals(named('signals'), {
      hint: (position) => this.#tell(position),
      poll: async (client) => {
        this.#tell((await this.#look(client)).position);
        await this.#tellClock(client);
      },
    });
  }

  /** Opens the store of a migrated database and makes its partitions. */
  static async open(options: EventStoreOptions): Promise<EventStore> {
    const store = new EventStore(options);
    try {
      await store.head();
      await makePartitions(store.#pool);
      await store.#tellClock(store.#pool);
    } catch (error) {
      await store.close();
      throw error;
    }
    store.#told = store.#seen;
    store.#signals.start();
    return store;
  }

  /**
   * Writes a batch in one transaction: each stream of it passes or fails whole. Several calls may be under way; they are
   * carried out in the order of the calls. An error means that nothing of the batch is written, unless `isUnavailable`.
   */
  async append(batch: Batch): Promise<AppendResult> {
    const values = [this.#storeId, this.#seen, ...encodeBatch(batch)];
    const [row] = await this.#send<AppendRow>({ name: 'append', text: appendCall, values });
    if (!row) throw new Error('The append function answered nothing.');
    this.#see(row.reached);
    if (row.partitionsDue) this.#makePartitionsAhead();
    return readAppended(batch, row);
  }

  /**
   * Where streams stand; one that does not exist, or still stands at the head given for it, is missing from the answer.
   * Carried out after every earlier append.
   */
  async loadStreams(
    names: readonly string[],
    heads: readonly string[] = names.map(() => NO_STREAM),
  ): Promise<Map<string, StreamSnapshot>> {
    const rows = await this.#send<StreamSnapshot>(streamsNotAt(names, heads));
    return new Map(rows.map((row) => [row.stream, row]));
  }

  /** The events of streams above these versions, by stream in order of version. Carried out after every earlier append. */
  async readAbove(versions: ReadonlyMap<string, number>): Promise<Map<string, StoredEvent[]>> {
    const found = new Map<string, StoredEvent[]>();
    for (const event of await this.#send<StoredEvent>(eventsAbove(versions))) {
      const own = found.get(event.stream);
      if (own === undefined) found.set(event.stream, [event]);
      else own.push(event);
    }
    return found;
  }

  /** The outcomes of command ids, in the order asked for. Carried out after every earlier append. */
  async loadOutcomes(
    ids: ReadonlyArray<Readonly<{ stream: string; commandId: string }>>,
  ): Promise<Array<StoredOutcome | undefined>> {
    const found: Array<StoredOutcome | undefined> = ids.map(() => undefined);
    for (const { n, ...outcome } of await this.#send<StoredOutcome & { n: number }>(outcomesById(ids)))
      found[n - 1] = outcome;
    return found;
  }

  /** Events above the position `after`, in order of position. Whoever goes on from the last one he got misses none. */
  async readAll(after: number, limit: number, filter: EventFilter = {}): Promise<StoredEvent[]> {
    this.#refuseIfWentBack();
    const events = await readEvents(this.#pool, after, limit, filter);
    await this.#checkEnd(events.at(-1), after);
    return events;
  }

  /** The same for whoever reads much and needs no ids: at half the cost, and no more than so many bytes. */
  async readRange(range: EventRange): Promise<Range> {
    this.#refuseIfWentBack();
    const read = await readRange(this.#pool, range);
    await this.#checkEnd(read.events.at(-1), range.after);
    return read;
  }

  /** The same: `take` gets each event as the bytes that the database sent, as `readRows` of a pool says. */
  async readRows(range: EventRange, take: (row: EventRow) => void): Promise<Rows> {
    this.#refuseIfWentBack();
    const rows = await readRows(this.#pool, range, take);
    await this.#checkEnd(rows.count > 0 ? { position: rows.last } : undefined, range.after);
    return rows;
  }

  /** Events of one stream, in order of version. */
  async readStream(stream: string, range: StreamRange = {}): Promise<StoredEvent[]> {
    this.#refuseIfWentBack();
    return readStreamEvents(this.#pool, stream, range);
  }

  /** The positions of events given by stream and version, in the order asked for. */
  async positionsOf(
    places: ReadonlyArray<Readonly<{ stream: string; version: number }>>,
  ): Promise<Array<number | undefined>> {
    this.#refuseIfWentBack();
    return findPositions(this.#pool, places);
  }

  /** Outcomes whose `seq` is above `afterSeq`, in order of `seq`. */
  async readOutcomes(afterSeq: number, limit: number): Promise<StoredOutcome[]> {
    this.#refuseIfWentBack();
    return readOutcomesAfter(this.#pool, afterSeq, limit);
  }

  /** Where the log stands, and the database's clock. */
  async head(): Promise<LogHead> {
    this.#refuseIfWentBack();
    return this.#look(this.#pool);
  }

  /**
   * Calls `listener` with the position that the log has reached: after appends of this process at once, after those of others
   * by their `notify` or within a second. Returns what ends it.
   */
  onAppend(listener: (position: number) => void): () => void {
    const own = (position: number): void => listener(position);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Tells other processes that the log reached `position`. Returns at once; it is a hint and may be lost. */
  notify(position: number): void {
    this.#signals.notify(position);
  }

  /** Waits for what is under way and closes all connections. */
  async close(): Promise<void> {
    await this.#signals.stop();
    await this.#lane.close();
    await this.#making;
    await this.#pool.end();
  }

  async #send<Row extends object>(statement: Statement): Promise<Row[]> {
    this.#refuseIfWentBack();
    try {
      return await this.#lane.query<Row>(statement);
    } catch (error) {
      if (codeOf(error) === LOG_WENT_BACK) this.#stop((error as Error).message);
      throw error;
    }
  }

  async #look(database: Queryable): Promise<LogHead> {
    // Not what is seen when the answer comes: an append may be faster than this look.
    const seen = this.#seen;
    const head = await readHead(database);
    this.#storeId ||= head.storeId;
    if (head.storeId !== this.#storeId || head.position < seen) {
      this.#stop(
        `The log went back: store ${head.storeId} stands at ${head.position}, and store ${this.#storeId} was seen at ${seen}.`,
      );
    }
    this.#remember(head.position);
    return head;
  }

  async #tellClock(database: Queryable): Promise<void> {
    if (!this.options.onClock) return;
    const askedAt = Date.now();
    this.options.onClock(await readClock(database), askedAt);
  }

  async #checkEnd(last: Readonly<{ position: number }> | undefined, after: number): Promise<void> {
    if (last) this.#remember(last.position);
    else if (after < this.#seen) await this.head();
  }

  #remember(position: number): void {
    this.#seen = Math.max(this.#seen, position);
  }

  #tell(position: number): void {
    if (position <= this.#told) return;
    this.#told = position;
    // Behind a microtask, because a listener that throws must not make an append look like a failure.
    for (const listener of this.#listeners) queueMicrotask(() => listener(position));
  }

  #see(position: number): void {
    this.#remember(position);
    this.#tell(position);
  }

  #stop(message: string): never {
    const first = this.#wentBack === undefined;
    this.#wentBack ??= new LogWentBack(message);
    if (first) (this.options.onWentBack ?? loudly)(this.#wentBack);
    throw this.#wentBack;
  }

  #refuseIfWentBack(): void {
    if (this.#wentBack) throw this.#wentBack;
  }

  #makePartitionsAhead(): void {
    this.#making ??= makePartitions(this.#pool)
      .catch((error: unknown) => this.options.log?.warn({ err: error }, 'Partitions of the log were not made ahead'))
      .finally(() => {
        this.#making = undefined;
      });
  }
}
