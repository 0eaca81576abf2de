import type { StreamFilter, StreamRange } from './queries.js';
import type { StoredEvent } from './types.js';

/** Versions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 10_000;

/** Events that were found, and the version up to which all were looked at for them. */
export type StreamPage = Readonly<{ events: readonly StoredEvent[]; reached: number }>;

export type StreamStretch = StreamFilter & Readonly<{ after?: number; upTo?: number; limit: number }>;

/**
 * The events of a stream that pass a filter, oldest first, in pages of at most `limit`; one may have fewer or none, and others
 * still come. Without `upTo` they go on behind the end of the stream until nobody takes them. `read` is `EventStore.readStream`.
 */
export async function* pagesOfStream(
  read: (range: StreamRange) => Promise<StoredEvent[]>,
  { after = 0, upTo = Infinity, limit, ...filter }: StreamStretch,
): AsyncGenerator<StreamPage> {
  for (let reached = after; reached < upTo;) {
    const end = Math.min(reached + SPAN, upTo);
    const events = await read({ ...filter, after: reached, upTo: end, limit });
    reached = events.length < limit ? end : events.at(-1)!.version;
    yield { events, reached };
  }
}
