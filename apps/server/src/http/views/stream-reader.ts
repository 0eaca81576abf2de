import { Inject, Injectable } from '@nestjs/common';
import {
  endOfStream,
  pagesBackwards,
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
    const stretch = { ...filter, after, upTo: end, limit: EVENTS_AT_ONCE };
    for await (const page of pagesOfStream(this.readerOf(stream), stretch))
      yield { ...page, isLast: page.reached === end };
  }

  /** The event of this version. */
  async at(stream: string, version: number): Promise<StoredEvent | undefined> {
    const [event] = await readStreamEvents(this.pool, stream, { after: version - 1, upTo: version });
    return event;
  }

  /** The last event up to a version that passes a filter. */
  async last(stream: string, filter: StreamFilter, upTo: number): Promise<StoredEvent | undefined> {
    const stretch = { ...filter, upTo, limit: 1 };
    for await (const [event] of pagesBackwards(this.readerOf(stream), stretch)) if (event) return event;
    return undefined;
  }

  private readonly readerOf = (stream: string) => (range: StreamRange) => readStreamEvents(this.pool, stream, range);
}
