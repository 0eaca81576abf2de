import type { StreamFilter, StreamRange } from './queries.js';
import type { StoredEvent } from './types.js';

/** Versions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 10_000;

/** Events that were found, and the version up to which all were looked at for them. */
type StreamPage = Readonly<{ events: readonly StoredEvent[]; reached: number }>;

type Read = (range: StreamRange) => Promise<StoredEvent[]>;
type Stretch = StreamFilter & Readonly<{ upTo?: number; limit: number }>;

/**
 * The events of a stream that pass a filter, oldest first, in pages of at most `limit`; one may have fewer or none, and others
 * still come. Without `upTo` they go on behind the end of the stream until nobody takes them. `read` is `EventStore.readStream`.
 */
export async function* pagesOfStream(
  read: Read,
  { after = 0, upTo = Infinity, limit, ...filter }: Stretch & Readonly<{ after?: number }>,
): AsyncGenerator<StreamPage> {
  for (let reached = after; reached < upTo;) {
    const end = Math.min(reached + SPAN, upTo);
    const events = await read({ ...filter, after: reached, upTo: end, limit });
    reached = events.length < limit ? end : events.at(-1)!.version;
    yield { events, reached };
  }
}

/** The same from the version `upTo` back to the first, the newest first. */
export async function* pagesBackwards(
  read: Read,
  { upTo, limit, ...filter }: Required<Pick<Stretch, 'upTo'>> & Stretch,
): AsyncGenerator<readonly StoredEvent[]> {
  for (let end = upTo; end > 0;) {
    const after = Math.max(0, end - SPAN);
    const events = await read({ ...filter, after, upTo: end, limit, newestFirst: true });
    end = events.length < limit ? after : events.at(-1)!.version - 1;
    yield events;
  }
}
