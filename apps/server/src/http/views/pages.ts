import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStore } from '#event-store';
import type { Page, PageQuery, Reach } from '#projections';
import { Cursors } from '../cursors.js';
import { Links } from '../links.js';
import type { Query } from '../parameters.js';

const LIMIT = 50;

/** A list as a view offers it, and how its items are shown. */
type List<Item, Place> = Readonly<{
  read: (page: PageQuery<Place>) => Promise<Page<Item, Place>>;
  show: (items: readonly Item[]) => Promise<readonly object[]> | readonly object[];
}>;

/** Pages of lists: `{ items, nextCursor }` and the link to the next one. */
@Injectable()
export class Pages {
  private cursors: Promise<Cursors> | undefined;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Links) private readonly links: Links,
  ) {}

  async send<Item, Place>(
    request: FastifyRequest,
    reply: FastifyReply,
    { read, show }: List<Item, Place>,
  ): Promise<void> {
    const { limit = LIMIT, cursor, min_position: _, ...filters } = request.asked;
    const cursors = await this.sealed();
    const list = [request.routeOptions.url, request.params, filters];
    const after = cursor === undefined ? {} : { after: cursors.read(cursor, list) as Place };
    const { items, next } = await read({ limit, ...after });
    const nextCursor = next === null ? null : cursors.write(next, list);
    if (nextCursor !== null) void reply.header('link', `<${this.nextLink(request, nextCursor)}>; rel="next"`);
    await reply.send({ items: await show(items), nextCursor });
  }

  private nextLink(request: FastifyRequest, cursor: string): string {
    const { min_position: _, ...asked } = request.asked as Query & Record<string, unknown>;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...asked, cursor })) {
      for (const each of [value].flat()) query.append(name, String(each));
    }
    return this.links.withQuery(request, query);
  }

  /** The store's own id is the secret: replicas share it, and other stores' cursors mean nothing here. */
  private sealed(): Promise<Cursors> {
    this.cursors ??= this.store.head().then(
      ({ storeId }) => new Cursors(storeId),
      (error: unknown) => {
        this.cursors = undefined;
        throw error;
      },
    );
    return this.cursors;
  }
}

/** The projects that the sender of a request may see. */
export const reachOf = ({ identity }: FastifyRequest): Reach =>
  identity!.projects === '*' ? '*' : [...identity!.projects];
