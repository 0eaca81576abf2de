import { codeOf, LOG_WENT_BACK, LogWentBack } from '../errors.js';
import type { EventRow } from '../event-row.js';
import type { EventStore } from '../event-store.js';
import type { EventFilter, StreamRange } from '../queries.js';
import type { EventRange, Range, Rows } from '../range.js';
import {
  NO_STREAM,
  type AppendResult,
  type Batch,
  type LogHead,
  type StoredEvent,
  type StoredOutcome,
  type StreamSnapshot,
} from '../types.js';
import type { MemoryLog } from './memory-log.js';
import { rowOf, sizeOf } from './memory-row.js';

/** How a statement gets to the log, is carried out there at some moment, and its answer back. */
export type Wire = Readonly<{
  /** On the one connection that appends: in the order of the calls. */
  lane<T>(name: string, carryOut: () => T): Promise<T>;
  /** On any connection. */
  pool<T>(name: string, carryOut: () => T): Promise<T>;
}>;

const atOnce = async <T>(_: string, carryOut: () => T): Promise<T> => carryOut();
const POLL_MS = 1_000;

/** Hints between the processes of one log. */
export type Hints = Set<(position: number) => void>;

/** What everybody asks of the event store. */
export type Surface = Pick<EventStore, keyof EventStore>;

/** One process' way to a log in memory: what `EventStore` is to PostgreSQL. */
export class MemoryStore implements Surface {
  readonly #listeners = new Set<(position: number) => void>();
  readonly #hint = (position: number): void => this.#tell(position);
  readonly #timer: NodeJS.Timeout;
  #seen = 0;
  #told = 0;
  #wentBack: LogWentBack | undefined;

  constructor(
    private readonly log: MemoryLog,
    private readonly hints: Hints,
    private readonly wire: Wire = { lane: atOnce, pool: atOnce },
  ) {
    this.#seen = this.#told = log.events.length;
    hints.add(this.#hint);
    this.#timer = setInterval(() => void this.#poll(), POLL_MS);
  }

  async append(batch: Batch): Promise<AppendResult> {
    const seen = this.#seen;
    const { storeId } = this.log;
    const { result, reached } = await this.#lane('append', () => this.log.append(batch, storeId, seen));
    this.#seen = Math.max(this.#seen, reached);
    this.#tell(reached);
    return result;
  }

  loadStreams(
    names: readonly string[],
    heads: readonly string[] = names.map(() => NO_STREAM),
  ): Promise<Map<string, StreamSnapshot>> {
    return this.#lane('loadStreams', () => this.log.streamsNotAt(names, heads));
  }

  readAbove(versions: ReadonlyMap<string, number>): Promise<Map<string, StoredEvent[]>> {
    return this.#lane('readAbove', () => this.log.above(versions));
  }

  loadOutcomes(
    ids: ReadonlyArray<Readonly<{ stream: string; commandId: string }>>,
  ): Promise<Array<StoredOutcome | undefined>> {
    return this.#lane('loadOutcomes', () => this.log.outcomesOf(ids));
  }

  readAll(after: number, limit: number, filter: EventFilter = {}): Promise<StoredEvent[]> {
    return this.#read('readAll', () => this.log.behind(after, limit, filter));
  }

  async readRange(range: EventRange): Promise<Range> {
    const events: Array<ReturnType<EventRow['toEvent']>> = [];
    const { isCut } = await this.readRows(range, (row) => events.push(row.toEvent()));
    return { events, isCut };
  }

  async readRows(range: EventRange, take: (row: EventRow) => void): Promise<Rows> {
    const { after, limit, maxBytes, withId: _, ...filter } = range;
    const events = await this.#read('readRows', () => this.log.behind(after, limit, filter));
    let bytes = 0;
    let count = 0;
    for (const event of events) {
      if (bytes >= maxBytes) break;
      bytes += sizeOf(event);
      count += 1;
      take(rowOf(event));
    }
    return { count, last: events[count - 1]?.position ?? after, isCut: count < events.length };
  }

  readStream(stream: string, range: StreamRange = {}): Promise<StoredEvent[]> {
    return this.#read('readStream', () => this.log.stream(stream, range));
  }

  positionsOf(
    places: ReadonlyArray<Readonly<{ stream: string; version: number }>>,
  ): Promise<Array<number | undefined>> {
    return this.#read('positionsOf', () => this.log.positionsOf(places));
  }

  readOutcomes(afterSeq: number, limit: number): Promise<StoredOutcome[]> {
    return this.#read('readOutcomes', () => this.log.outcomes.slice(afterSeq, afterSeq + limit));
  }

  async head(): Promise<LogHead> {
    const seen = this.#seen;
    const head = await this.#read('head', () => this.log.head());
    if (head.position < seen) this.#stop(`The log went back: it stands at ${head.position}, and was seen at ${seen}.`);
    this.#seen = Math.max(this.#seen, head.position);
    return head;
  }

  onAppend(listener: (position: number) => void): () => void {
    const own = (position: number): void => listener(position);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  notify(position: number): void {
    const others = [...this.hints].filter((hint) => hint !== this.#hint);
    void this.wire.pool('notify', () => others.forEach((hint) => hint(position))).catch(() => undefined);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.hints.delete(this.#hint);
  }

  async #poll(): Promise<void> {
    try {
      this.#tell((await this.head()).position);
    } catch {
      // The database is away, or the log went back, which every call tells.
    }
  }

  async #read<T>(name: string, carryOut: () => T): Promise<T> {
    if (this.#wentBack) throw this.#wentBack;
    return this.wire.pool(name, carryOut);
  }

  async #lane<T>(name: string, carryOut: () => T): Promise<T> {
    if (this.#wentBack) throw this.#wentBack;
    try {
      return await this.wire.lane(name, carryOut);
    } catch (error) {
      if (codeOf(error) === LOG_WENT_BACK) this.#stop((error as Error).message);
      throw error;
    }
  }

  #tell(position: number): void {
    if (position <= this.#told) return;
    this.#told = position;
    for (const listener of this.#listeners) queueMicrotask(() => listener(position));
  }

  #stop(message: string): never {
    this.#wentBack ??= new LogWentBack(message);
    throw this.#wentBack;
  }
}
