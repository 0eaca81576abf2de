import { ceHeadersOfCurrent, keyOfStream, presentDeployment } from '#contracts';
import { parseSubject, type Deployment } from '#domain';
import type { EventStore, Queryable, RangeEvent } from '#event-store';
import { CurrentAgain } from './current-again.js';
import type { Feed, Item } from './feed.js';
import { positionOf, storeEnd, storeIdOf } from './feeds.js';
import { Publisher, type PublisherParts, type PublisherStatus } from './publisher.js';

const READ_AT_ONCE = 1_000;
/** Of large events fewer are held at once. */
const MAX_BYTES = 4_000_000;
const AGAIN_AT_ONCE = 200;
const VIEW_MS = 1_000;

/** The view `current`, as this publisher asks it. */
export type CurrentView = Readonly<{
  /** Whether the view has reached the position within that time. */
  reaches(position: number, timeoutMs: number): Promise<boolean>;
  /** What is current now on each of these targets; those that run nothing are left out. */
  currentOf(streams: readonly string[]): Promise<ReadonlyMap<string, Deployment>>;
}>;

/**
 * Publishes what is current on each target to the compacted topic: one record for each target that a page of the log
 * touched, a tombstone where nothing is current. The last record of a key is what is current. People stand in it by
 * their opaque ids: a compacted topic forgets nobody, so names stay in the table that can.
 */
export class CurrentPublisher {
  readonly #publisher: Publisher;
  #silence: (() => void) | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readRange' | 'head' | 'onAppend'>,
    view: CurrentView,
    topic: string,
    parts: PublisherParts,
  ) {
    this.#publisher = new Publisher(currentFeed({ store, view, topic, database: parts.database }), parts);
  }

  start(): void {
    this.#silence ??= this.store.onAppend(() => this.#publisher.wake());
    this.#publisher.start();
  }

  async stop(): Promise<void> {
    this.#silence?.();
    await this.#publisher.stop();
  }

  status(): PublisherStatus {
    return this.#publisher.status();
  }
}

type Sources = Readonly<{
  store: Pick<EventStore, 'readRange' | 'head'>;
  view: CurrentView;
  topic: string;
  database: Queryable;
}>;

function currentFeed({ store, view, topic, database }: Sources): Feed {
  const storeId = storeIdOf(store);
  const again = new CurrentAgain(database);

  const itemsOf = async (touched: ReadonlyMap<string, Touch>): Promise<Item[]> => {
    const id = await storeId();
    const current = await view.currentOf([...touched.keys()]);
    return [...touched].map(([stream, { position, time }]) => {
      const key = keyOfStream(stream);
      const value = valueOf(stream, current.get(stream));
      return {
        position,
        message: { key, value, headers: ceHeadersOfCurrent(id, { key, position, time, value }) },
      };
    });
  };

  return {
    topic,
    end: storeEnd(store, 'position'),
    positionOf,
    async next(after) {
      const { events, isCut } = await store.readRange({ after, limit: READ_AT_ONCE, maxBytes: MAX_BYTES });
      const { streams, done } = await again.due(AGAIN_AT_ONCE);
      if (events.length === 0 && streams.length === 0) return null;
      const upTo = events.at(-1)?.position ?? after;
      if (!(await view.reaches(upTo, VIEW_MS))) return { items: [], upTo: after, more: false };
      const touched = touchedBy(events);
      const time = events.at(-1)?.recordedAt ?? (await store.head()).recordedAt;
      for (const stream of streams) if (!touched.has(stream)) touched.set(stream, { position: upTo, time });
      const more = isCut || events.length === READ_AT_ONCE;
      return { items: await itemsOf(touched), upTo, more, ...(streams.length > 0 ? { published: done } : {}) };
    },
    doubt: (items) => again.add(items.map(({ message }) => `target:${String(message.key)}`)),
  };
}

type Touch = Readonly<{ position: number; time: string }>;

/** The targets whose current deployment these events concern, by the last event that does. */
export function touchedBy(
  events: ReadonlyArray<Pick<RangeEvent, 'stream' | 'position' | 'occurredAt' | 'data'>>,
): Map<string, Touch> {
  const touched = new Map<string, Touch>();
  for (const event of events) {
    const { from, status } = JSON.parse(event.data) as { from?: string | null; status?: string };
    if (from !== 'current' && status !== 'current') continue;
    touched.delete(event.stream);
    touched.set(event.stream, { position: event.position, time: event.occurredAt });
  }
  return touched;
}

function valueOf(stream: string, current: Deployment | undefined): string | null {
  const subject = parseSubject(keyOfStream(stream));
  if (!current || !subject) return null;
  return JSON.stringify(presentDeployment(subject.project, subject.key, current));
}
