import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendResource } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { linkHeader, pageOf, pagesAround, type Rel } from '../page-links.js';

/** Pages of 30 unless asked otherwise, of 100 at most. */
export const pageIn = (request: FastifyRequest) => pageOf(queryOf(request), { byDefault: 30, max: 100 });

/** An answer without an `ETag`: what nobody asks for again. */
export const sendJson = async (reply: FastifyReply, status: number, body: object): Promise<void> => {
  await reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
};

/** What was created, where it is. */
export const sendCreated = (reply: FastifyReply, shape: Readonly<{ url: string }>): Promise<void> =>
  sendJson(reply.header('location', shape.url), 201, shape);

type List = Readonly<{ url: string; body: object; page: number; perPage: number; total: number }>;

/** A page of a list, with the links to the others in GitHub's order. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply, list: List): Promise<void> {
  const { prev, next, first, last } = pagesAround(list);
  const named: Array<readonly [Rel, number | undefined]> = [
    ['prev', prev],
    ['next', next],
    ['last', next === undefined ? undefined : last],
    ['first', prev === undefined ? undefined : first],
  ];
  const pages = named.filter((each): each is [Rel, number] => each[1] !== undefined);
  const query = queryOf(request);
  query.delete('page');
  void reply.headers(linkHeader(`${list.url}?${query}`, pages));
  await sendResource(request, reply, list.body);
}
