import { Inject, Injectable } from '@nestjs/common';
import {
  endOfStream,
  pagesOfStream,
  readStreamEvents,
  type Pool,
  type StoredEvent,
  type StreamFilter,
  type StreamRange,
} from '#event-store';
import type { Page, PageQuery } from '#projections';
import { POOL } from '../../parts.js';
import { pageOf, type Piece } from './piecemeal.js';

/** Versions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 10_000;
/** The longest page, and the one that says that there is another. Events can be large, and each reader holds so many. */
const EVENTS_AT_ONCE = 201;

/** Versions above `after`, up to `upTo`; to the end of the stream unless given. */
type Range = Readonly<{ after: number; upTo?: number }>;

/** Streams as clients read them, statement by statement, each of which looks at so much and no more. */
@Injectable()
export class StreamReader {
  constructor(@Inject(POOL) private readonly pool: Pool) {}

  /** The events of a stream that pass a filter, oldest first. */
  page(
    stream: string,
    filter: StreamFilter,
    { limit, after = 0 }: PageQuery<number>,
  ): Promise<Page<StoredEvent, number>> {
    return pageOf(this.scan(stream, filter, { after }), limit, ({ version }) => version);
  }

  /** All of them, a piece at a time. */
  async *scan(stream: string, filter: StreamFilter, { after, upTo }: Range): AsyncGenerator<Piece<StoredEvent>> {
    const end = upTo ?? (await endOfStream(this.pool, stream));
    const read = (each: StreamRange) => readStreamEvents(this.pool, stream, each);
    const stretch = { ...filter, after, upTo: end, limit: EVENTS_AT_ONCE };
    for await (const page of pagesOfStream(read, stretch)) yield { ...page, isLast: page.reached === end };
  }

  /** The event of this version. */
  async at(stream: string, version: number): Promise<StoredEvent | undefined> {
    const [event] = await readStreamEvents(this.pool, stream, { after: version - 1, upTo: version });
    return event;
  }

  /** The last event up to a version that passes a filter. */
  async last(stream: string, filter: StreamFilter, upTo: number): Promise<StoredEvent | undefined> {
    for (let to = upTo; to > 0; to -= SPAN) {
      const range = { ...filter, after: Math.max(0, to - SPAN), upTo: to, limit: 1, newestFirst: true };
      const [event] = await readStreamEvents(this.pool, stream, range);
      if (event) return event;
    }
    return undefined;
  }
}
