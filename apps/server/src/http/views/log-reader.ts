import { Inject, Injectable } from '@nestjs/common';
import { eventText, isNameless, type LoggedEvent } from '#contracts';
import { EventStore, readRange, type EventFilter, type EventRange, type Pool, type RangeEvent } from '#event-store';
import type { Page, PageQuery } from '#projections';
import { LOG_POOL, POOL } from '../../parts.js';
import { Names } from '../names.js';
import { isNothing } from './event-filter.js';

const EVENTS_AT_ONCE = 2_000;
/** What a reader holds is a few times as much, and a few events. */
const BYTES_AT_ONCE = 2_000_000;
/** Positions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 50_000;
/** After that a page is sent with what was found, and its cursor goes on from there. */
const PAGE_MS = 2_000;

/**
 * Which stretch of the log: behind `after`, up to `upTo` (else to where it ends now), and at most `limit` events of it; read
 * `bytesAtOnce` at a time, for readers of whom there are many.
 */
export type Stretch = Readonly<{ after: number; upTo?: number; limit?: number; bytesAtOnce?: number }>;
/** Events found, and the position up to which everything has been looked at. */
export type Scanned<T = RangeEvent> = Readonly<{ events: readonly T[]; reached: number; isLast: boolean }>;

const whole = (event: RangeEvent): RangeEvent => event;

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

  async show(events: readonly LoggedEvent[]): Promise<object[]> {
    return (await this.texts(events)).map((text) => JSON.parse(text) as object);
  }

  async page(filter: EventFilter, { limit, after = 0 }: PageQuery<number>): Promise<Page<RangeEvent, number>> {
    const items: RangeEvent[] = [];
    const end = performance.now() + PAGE_MS;
    for await (const { events, reached, isLast } of this.scan(this.pool, filter, { after, limit: limit + 1 }, whole)) {
      items.push(...events);
      if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]!.position };
      if (!isLast && performance.now() > end) return { items, next: reached };
    }
    return { items, next: null };
  }

  /** The log as NDJSON up to where it ends now, a piece at a time: the next one is asked for when this one has been taken. */
  async *lines(filter: EventFilter, stretch: Stretch): AsyncGenerator<string | Buffer> {
    const storeId = await this.idOfStore();
    // A line of bytes is all that is kept of an event, unless somebody is to be named in it.
    const line = (event: RangeEvent) => (isNameless(event) ? Buffer.from(`${eventText(storeId, event)}\n`) : event);
    // Nothing is a piece too: whoever has gone away is noticed only when one is handed on.
    for await (const { events } of this.scan(this.logPool, filter, stretch, line))
      yield events.length === 0 ? '' : Buffer.concat(await this.named(events));
  }

  private async named(lines: ReadonlyArray<Buffer | RangeEvent>): Promise<Buffer[]> {
    const texts = (await this.texts(lines.filter((line) => !Buffer.isBuffer(line)) as RangeEvent[])).values();
    return lines.map((line) => (Buffer.isBuffer(line) ? line : Buffer.from(`${texts.next().value}\n`)));
  }

  private async idOfStore(): Promise<string> {
    return (this.storeId ??= (await this.store.head()).storeId);
  }

  /** A stretch of the log, however long, through connections that are for this alone. */
  read(filter: EventFilter, stretch: Stretch): AsyncGenerator<Scanned> {
    return this.scan(this.logPool, filter, stretch, whole);
  }

  /** Statement by statement, each on its own: a slow reader holds no connection. The next one is read while this one is used. */
  private async *scan<T>(
    pool: Pool,
    filter: EventFilter,
    stretch: Stretch,
    take: (event: RangeEvent) => T,
  ): AsyncGenerator<Scanned<T>> {
    const { after: start, upTo = (await this.store.head()).position, limit = Infinity } = stretch;
    const end = isNothing(filter) ? start : upTo;
    let left = limit;
    let atOnce = EVENTS_AT_ONCE;
    const readFrom = (after: number) => {
      const bounds = { limit: Math.min(left, atOnce), maxBytes: stretch.bytesAtOnce ?? BYTES_AT_ONCE };
      const range = look(pool, { ...filter, ...bounds, after, upTo: Math.min(after + SPAN, end) }, take);
      // Whoever has gone away does not wait for it.
      range.catch(() => undefined);
      return range;
    };
    let ahead = start < end && left > 0 ? readFrom(start) : undefined;
    while (ahead) {
      const { events, reached, isCut } = await ahead;
      left -= events.length;
      // Large events come in company, and what is cut off was read in vain.
      atOnce = isCut ? events.length : Math.min(Math.ceil(1.25 * atOnce), EVENTS_AT_ONCE);
      const isLast = reached === end || left <= 0;
      ahead = isLast ? undefined : readFrom(reached);
      yield { events, reached, isLast };
    }
  }
}

/** A range, and the position up to which it says all. */
async function look<T>(pool: Pool, range: EventRange & { upTo: number }, take: (event: RangeEvent) => T) {
  const { events, isCut, last } = await readRange(pool, range, take);
  const isWhole = !isCut && events.length < range.limit;
  return { events, isCut, reached: isWhole ? range.upTo : last };
}
