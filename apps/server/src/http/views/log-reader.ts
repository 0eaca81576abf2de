import { Inject, Injectable } from '@nestjs/common';
import { eventText, piecesOfLines, type LoggedEvent, type Pieces } from '#contracts';
import { EventStore, type EventFilter, type Pool, type RangeEvent } from '#event-store';
import type { Page, PageQuery } from '#projections';
import { LOG_POOL, POOL } from '../../parts.js';
import { readSealedLines } from '../audit/sealed-events.js';
import { Names } from '../names.js';
import { isNothing } from './event-filter.js';
import { readEvents, readLines, type Bounded, type Part, type Read } from './log-ranges.js';
import { pageOf, type Piece } from './piecemeal.js';

const EVENTS_AT_ONCE = 4_000;
/** What a reader holds is a few times as much, and a few events. */
const BYTES_AT_ONCE = 2_000_000;
const MAX_LENT = 32;
/** Positions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 50_000;

/**
 * Which stretch of the log: behind `after`, up to `upTo` (else to where it ends now), and at most `limit` events of it; read
 * `bytesAtOnce` at a time, for readers of whom there are many.
 */
export type Stretch = Readonly<{ after: number; upTo?: number; limit?: number; bytesAtOnce?: number }>;

/** The log as clients read it, through connections of their own: what feeds views and Kafka does not wait for them. */
@Injectable()
export class LogReader {
  private storeId: string | undefined;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(LOG_POOL) private readonly logPool: Pool,
  ) {}

  /** Events as they are shown everywhere, each as JSON on one line. */
  async texts(events: readonly LoggedEvent[]): Promise<string[]> {
    const [storeId, people] = [await this.idOfStore(), await this.names.inEvents(events)];
    return events.map((event) => eventText(storeId, event, people));
  }

  page(filter: EventFilter, { limit, after = 0 }: PageQuery<number>): Promise<Page<RangeEvent, number>> {
    const pieces = this.scan(this.pool, filter, { after, limit: limit + 1 }, readEvents);
    return pageOf(pieces, limit, ({ position }) => position);
  }

  /**
   * The log as NDJSON up to where it ends now, a piece at a time: the next one is asked for when this one has been taken. While
   * `isWritten` says so, nobody looks at a piece any more but at the last one, and the memory of the others is written again.
   */
  async *lines(
    filter: EventFilter,
    stretch: Stretch,
    isWritten: () => boolean = () => false,
  ): AsyncGenerator<string | Buffer> {
    const [storeId, pieces] = [await this.idOfStore(), piecesOfLines()];
    const read = (pool: Pool, range: Bounded) => readLines(pool, range, { storeId, pieces });
    const lent = new Lent(pieces, isWritten);
    for await (const { events: parts } of this.scan(this.logPool, filter, stretch, read)) {
      // Nothing is a piece too: whoever has gone away is noticed only when one is handed on.
      if (parts.length === 0) yield '';
      yield* parts.every((part) => Buffer.isBuffer(part)) ? lent.handOn(parts) : this.named(parts, pieces);
    }
  }

  /** The log with hashes as NDJSON, up to where it was sealed. */
  async *sealedLines(stretch: Stretch & Readonly<{ upTo: number }>): AsyncGenerator<string | Buffer> {
    for await (const { events: pieces } of this.scan(this.logPool, {}, stretch, readSealedLines)) {
      if (pieces.length === 0) yield '';
      yield* pieces;
    }
  }

  private async *named(parts: readonly Part[], pieces: Pieces): AsyncGenerator<Buffer> {
    const texts = (await this.texts(parts.filter((part) => !Buffer.isBuffer(part)) as RangeEvent[])).values();
    yield Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(`${texts.next().value}\n`))));
    pieces.giveBack(parts.filter((part) => Buffer.isBuffer(part)));
  }

  private async idOfStore(): Promise<string> {
    return (this.storeId ??= (await this.store.head()).storeId);
  }

  /** A stretch of the log, however long, through connections that are for this alone. */
  read(filter: EventFilter, stretch: Stretch): AsyncGenerator<Piece<RangeEvent>> {
    return this.scan(this.logPool, filter, stretch, readEvents);
  }

  /** Statement by statement, each on its own: a slow reader holds no connection. The next one is read while this one is used. */
  private async *scan<T>(
    pool: Pool,
    filter: EventFilter,
    stretch: Stretch,
    read: (pool: Pool, range: Bounded) => Promise<Read<T>>,
  ): AsyncGenerator<Piece<T>> {
    const { after: start, upTo = (await this.store.head()).position, limit = Infinity } = stretch;
    const end = isNothing(filter) ? start : upTo;
    let left = limit;
    let atOnce = EVENTS_AT_ONCE;
    const readFrom = (after: number) => {
      const bounds = { limit: Math.min(left, atOnce), maxBytes: stretch.bytesAtOnce ?? BYTES_AT_ONCE };
      const range = read(pool, { ...filter, ...bounds, after, upTo: Math.min(after + SPAN, end) });
      // Whoever has gone away does not wait for it.
      range.catch(() => undefined);
      return range;
    };
    let ahead = start < end && left > 0 ? readFrom(start) : undefined;
    while (ahead) {
      const { events, count, isCut, reached } = await ahead;
      left -= count;
      // Large events come in company, and what is cut off was read in vain.
      atOnce = isCut ? count : Math.min(Math.ceil(1.25 * atOnce), EVENTS_AT_ONCE);
      const isLast = reached === end || left <= 0;
      ahead = isLast ? undefined : readFrom(reached);
      yield { events, reached, isLast };
    }
  }
}

/** Pieces that were handed on, until they are written. */
class Lent {
  private readonly before: Buffer[] = [];

  constructor(
    private readonly pieces: Pieces,
    private readonly isWritten: () => boolean,
  ) {}

  *handOn(parts: readonly Buffer[]): Generator<Buffer> {
    for (const part of parts) {
      yield part;
      if (this.isWritten()) this.pieces.giveBack(this.before.splice(0));
      // Of whom nobody says that he has written them, they are left to the collector.
      else if (this.before.length === MAX_LENT) this.before.length = 0;
      this.before.push(part);
    }
  }
}
