import { Inject, Injectable } from '@nestjs/common';
import { endOfStream, searchStream, type Pool, type StoredEvent, type StreamFilter } from '#event-store';
import type { Page, PageQuery } from '#projections';
import { POOL } from '../../parts.js';

/** Versions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 10_000;
/** The longest page, and the one that says that there is another. Events can be large, and each reader holds so many. */
const EVENTS_AT_ONCE = 201;
/** After that a page is sent with what was found, and its cursor goes on from there. */
const PAGE_MS = 2_000;

/** Versions above `after`, up to `upTo`; to the end of the stream unless given. */
type Range = Readonly<{ after: number; upTo?: number }>;
/** Events, and the version up to which the stream was looked through for them. */
type Scanned = Readonly<{ events: readonly StoredEvent[]; reached: number; isLast: boolean }>;

/** Streams as clients read them, statement by statement, each of which looks at so much and no more. */
@Injectable()
export class StreamReader {
  constructor(@Inject(POOL) private readonly pool: Pool) {}

  /** The events of a stream that pass a filter, oldest first. */
  async page(
    stream: string,
    filter: StreamFilter,
    { limit, after = 0 }: PageQuery<number>,
  ): Promise<Page<StoredEvent, number>> {
    const items: StoredEvent[] = [];
    const end = performance.now() + PAGE_MS;
    for await (const { events, reached, isLast } of this.scan(stream, filter, { after })) {
      items.push(...events);
      if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]!.version };
      if (!isLast && performance.now() > end) return { items, next: reached };
    }
    return { items, next: null };
  }

  /** All of them, a piece at a time. */
  async *scan(stream: string, filter: StreamFilter, { after, upTo }: Range): AsyncGenerator<Scanned> {
    const end = upTo ?? (await endOfStream(this.pool, stream));
    for (let reached = after; reached < end;) {
      const to = Math.min(reached + SPAN, end);
      const stretch = { after: reached, upTo: to, limit: EVENTS_AT_ONCE };
      const events = await searchStream(this.pool, stream, filter, stretch);
      reached = events.length < EVENTS_AT_ONCE ? to : events.at(-1)!.version;
      yield { events, reached, isLast: reached === end };
    }
  }

  /** The event of this version. */
  async at(stream: string, version: number): Promise<StoredEvent | undefined> {
    const [event] = await searchStream(this.pool, stream, {}, { after: version - 1, upTo: version, limit: 1 });
    return event;
  }

  /** The last event up to a version that passes a filter. */
  async last(stream: string, filter: StreamFilter, upTo: number): Promise<StoredEvent | undefined> {
    for (let to = upTo; to > 0; to -= SPAN) {
      const stretch = { after: Math.max(0, to - SPAN), upTo: to, limit: 1, newestFirst: true };
      const [event] = await searchStream(this.pool, stream, filter, stretch);
      if (event) return event;
    }
    return undefined;
  }
}
