import { Inject, Injectable } from '@nestjs/common';
import { presentEvent } from '#contracts';
import { streamOf, type Deployment } from '#domain';
import { EventStore, type EventFilter, type StoredEvent } from '#event-store';
import type { Page, PageQuery } from '#projections';
import type { Query } from '../parameters.js';
import { Names } from '../names.js';

const READ_AT_ONCE = 1_000;
/** Events can be large, and each stream holds so many of them. */
const LINES_AT_ONCE = 200;

/** The log as clients read it. */
@Injectable()
export class LogReader {
  private storeId: string | undefined;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Names) private readonly names: Names,
  ) {}

  async show(events: readonly StoredEvent[]): Promise<object[]> {
    this.storeId ??= (await this.store.head()).storeId;
    const people = await this.names.inEvents(events);
    return events.map((event) => presentEvent(this.storeId!, event, people));
  }

  async page(query: Query, { limit, after = query.after ?? 0 }: PageQuery<number>): Promise<Page<StoredEvent, number>> {
    const events = await this.store.readAll(after, limit + 1, filterOf(query));
    const items = events.slice(0, limit);
    return { items, next: events.length > limit ? items.at(-1)!.position : null };
  }

  /** The events of one deployment, oldest first. */
  async timeline(
    stream: string,
    { number, created }: Deployment,
    { limit, after = created.version - 1 }: PageQuery<number>,
  ): Promise<Page<StoredEvent, number>> {
    const items: StoredEvent[] = [];
    for (let from = after; ;) {
      const events = await this.store.readStream(stream, { after: from, limit: READ_AT_ONCE });
      items.push(...events.filter(({ data }) => (JSON.parse(data) as { number?: number }).number === number));
      if (items.length > limit) return { items: items.slice(0, limit), next: items[limit - 1]!.version };
      if (events.length < READ_AT_ONCE) return { items, next: null };
      from = events.at(-1)!.version;
    }
  }

  /** The log as NDJSON up to where it ends now, a page at a time: the next one is read when this one has been taken. */
  async *lines(query: Query): AsyncGenerator<string> {
    const filter = { ...filterOf(query), upTo: (await this.store.head()).position };
    let left = query.limit ?? Infinity;
    for (let after = query.after ?? 0; left > 0;) {
      const events = await this.store.readAll(after, Math.min(LINES_AT_ONCE, left), filter);
      if (events.length > 0) yield (await this.show(events)).map((event) => `${JSON.stringify(event)}\n`).join('');
      if (events.length < Math.min(LINES_AT_ONCE, left)) return;
      left -= events.length;
      after = events.at(-1)!.position;
    }
  }
}

/** Streams are named by project and key, each percent-encoded. */
function filterOf({ type, project, target }: Query): EventFilter {
  const types = type ? { types: type } : {};
  if (project !== undefined && target !== undefined) return { ...types, streams: [streamOf(project, target)] };
  if (project !== undefined) return { ...types, prefix: `target:${encodeURIComponent(project)}/` };
  if (target !== undefined) return { ...types, suffix: `/${encodeURIComponent(target)}` };
  return types;
}
