import { Inject, Injectable } from '@nestjs/common';
import { presentEvent } from '#contracts';
import { streamOf, type Deployment } from '#domain';
import { EventStore, readEvents, readStreamEvents, type EventFilter, type Pool, type StoredEvent } from '#event-store';
import type { Page, PageQuery } from '#projections';
import { POOL } from '../../parts.js';
import type { Query } from '../parameters.js';
import { Names } from '../names.js';

const READ_AT_ONCE = 1_000;
/** The longest page, and the one that says that there is another. Events can be large, and each reader holds so many. */
const EVENTS_AT_ONCE = 201;
/** Positions that one statement looks at: where a filter matches few events, it still ends soon. */
const SPAN = 50_000;
/** After that a page is sent with what was found, and its cursor goes on from there. */
const PAGE_MS = 2_000;

/** The log as clients read it, through connections of their own: what feeds views and Kafka does not wait for them. */
@Injectable()
export class LogReader {
  private storeId: string | undefined;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  async show(events: readonly StoredEvent[]): Promise<object[]> {
    this.storeId ??= (await this.store.head()).storeId;
    const people = await this.names.inEvents(events);
    return events.map((event) => presentEvent(this.storeId!, event, people));
  }

  async page(query: Query, { limit, after = query.after ?? 0 }: PageQuery<number>): Promise<Page<StoredEvent, number>> {
    const items: StoredEvent[] = [];
    const end = performance.now() + PAGE_MS;
    for await (const { events, reached, isLast } of this.scan(after, limit + 1, filterOf(query))) {
      items.push(...events);
      if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]!.position };
      if (!isLast && performance.now() > end) return { items, next: reached };
    }
    return { items, next: null };
  }

  /** The events of one deployment, oldest first. */
  async timeline(
    stream: string,
    { number, created }: Deployment,
    { limit, after = created.version - 1 }: PageQuery<number>,
  ): Promise<Page<StoredEvent, number>> {
    const items: StoredEvent[] = [];
    for (let from = after; ;) {
      const events = await readStreamEvents(this.pool, stream, { after: from, limit: READ_AT_ONCE });
      items.push(...events.filter(({ data }) => (JSON.parse(data) as { number?: number }).number === number));
      if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]!.version };
      if (events.length < READ_AT_ONCE) return { items, next: null };
      from = events.at(-1)!.version;
    }
  }

  /** The log as NDJSON up to where it ends now, a piece at a time: the next one is read when this one has been taken. */
  async *lines(query: Query): AsyncGenerator<string> {
    // Nothing is a piece too: whoever has gone away is noticed only when one is handed on.
    for await (const { events } of this.scan(query.after ?? 0, query.limit ?? Infinity, filterOf(query)))
      yield (await this.show(events)).map((event) => `${JSON.stringify(event)}\n`).join('');
  }

  /** The first `limit` events behind a position up to where the log ends now, statement by statement. */
  private async *scan(after: number, limit: number, filter: EventFilter): AsyncGenerator<Scanned> {
    const { position: end } = await this.store.head();
    let left = limit;
    for (let reached = after; reached < end && left > 0;) {
      const upTo = Math.min(reached + SPAN, end);
      const atOnce = Math.min(left, EVENTS_AT_ONCE);
      const events = await readEvents(this.pool, reached, atOnce, { ...filter, upTo });
      reached = events.length < atOnce ? upTo : events.at(-1)!.position;
      left -= events.length;
      yield { events, reached, isLast: reached === end };
    }
  }
}

type Scanned = Readonly<{ events: readonly StoredEvent[]; reached: number; isLast: boolean }>;

/** Streams are named by project and key, each percent-encoded. */
function filterOf({ type, project, target }: Query): EventFilter {
  const types = type ? { types: type } : {};
  if (project !== undefined && target !== undefined) return { ...types, streams: [streamOf(project, target)] };
  if (project !== undefined) return { ...types, prefix: `target:${encodeURIComponent(project)}/` };
  if (target !== undefined) return { ...types, suffix: `/${encodeURIComponent(target)}` };
  return types;
}
