import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page, PageQuery, Reach } from '#projections';
import { readCursor, writeCursor, type IsPlace } from '../cursors.js';
import { Links } from '../links.js';
import type { Query } from '../parameters.js';

const LIMIT = 50;

type Shown = object | string;
const textOf = (shown: Shown): string => (typeof shown === 'string' ? shown : JSON.stringify(shown));

/** A list as a view offers it, and how its items are shown: as objects, or as texts that are JSON already. */
type List<Item, Place> = Readonly<{
  read: (page: PageQuery<Place>) => Promise<Page<Item, Place>>;
  show: (items: readonly Item[]) => Promise<readonly Shown[]> | readonly Shown[];
  isPlace: IsPlace<Place>;
  /** The same page as plain text, where a client asks for that. */
  plain?: (items: readonly Item[]) => string;
}>;

/** Pages of lists: `{ items, nextCursor }` and the link to the next one. */
@Injectable()
export class Pages {
  constructor(@Inject(Links) private readonly links: Links) {}

  async send<Item, Place>(
    request: FastifyRequest,
    reply: FastifyReply,
    { read, show, isPlace, plain }: List<Item, Place>,
  ): Promise<void> {
    const { limit = LIMIT, cursor, min_position: _, ...filters } = request.asked;
    const list = [request.routeOptions.url, request.params, filters];
    const after = cursor === undefined ? {} : { after: readCursor(cursor, list, isPlace) };
    const { items, next } = await read({ limit, ...after });
    const nextCursor = next === null ? null : writeCursor(next, list);
    if (nextCursor !== null) void reply.header('link', `<${this.nextLink(request, nextCursor)}>; rel="next"`);
    if (plain && wantsPlain(request)) return sendPlain(reply, plain(items));
    const texts = (await show(items)).map(textOf);
    await reply
      .type('application/json; charset=utf-8')
      .send(`{"items":[${texts.join()}],"nextCursor":${JSON.stringify(nextCursor)}}`);
  }

  private nextLink(request: FastifyRequest, cursor: string): string {
    const { min_position: _, ...asked } = request.asked as Query & Record<string, unknown>;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...asked, cursor })) {
      for (const each of [value].flat()) query.append(name, String(each));
    }
    return this.links.withQuery(request, query);
  }
}

/** Whether a client asks for plain text rather than JSON, of which it would take either where it names both. */
export const wantsPlain = ({ headers }: FastifyRequest): boolean => {
  const accepted = (headers.accept ?? '').toLowerCase();
  return accepted.includes('text/plain') && !accepted.includes('application/json');
};

export async function sendPlain(reply: FastifyReply, text: string): Promise<void> {
  await reply.type('text/plain; charset=utf-8').send(text);
}

/** The projects that the sender of a request may see. */
export const reachOf = ({ identity }: FastifyRequest): Reach =>
  identity!.projects === '*' ? '*' : [...identity!.projects];
