import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendResource } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { linkHeader, pagesAround, type Rel } from '../page-links.js';
import { Params } from './params.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What was made, or what stands where nothing had to be. */
export const sendMade = async (reply: FastifyReply, status: 200 | 201, shape: object): Promise<void> => {
  await reply.code(status).type(JSON_TYPE).send(JSON.stringify(shape));
};

type List = Readonly<{ url: string; body: readonly object[]; page: number; perPage: number; total: number }>;

/** A page of a list; where there is no other, its number is empty text, and beyond the last page neither is known. */
export async function sendPage(request: FastifyRequest, reply: FastifyReply, list: List): Promise<void> {
  const { url, body, page, perPage, total } = list;
  const { prev, next, last } = pagesAround(list);
  const isBeyond = page > last!;
  const [before, after] = isBeyond ? [undefined, undefined] : [prev, next];
  const named: Array<readonly [Rel, number | undefined]> = [
    ['prev', before],
    ['next', after],
    ['first', 1],
    ['last', last],
  ];
  const query = queryOf(request);
  query.delete('page');
  query.set('per_page', String(perPage));
  void reply.headers({
    'x-page': String(page),
    'x-per-page': String(perPage),
    'x-prev-page': String(before ?? ''),
    'x-next-page': String(after ?? ''),
    'x-total': String(total),
    'x-total-pages': String(last),
    ...linkHeader(
      `${url}?${query}`,
      named.filter((each): each is [Rel, number] => each[1] !== undefined),
    ),
  });
  await sendResource(request, reply, body);
}

/** The page that is asked for of a list that has nothing. Throws where it is asked for wrongly. */
export function emptyPage(request: FastifyRequest) {
  const params = new Params(request);
  const asked = params.page();
  params.check();
  return { ...pageOfAll<object>([], asked), body: [] };
}

/** The list of all, as the page of it that was asked for. */
export const pageOfAll = <Item>(
  all: readonly Item[],
  { page, perPage }: Readonly<{ page: number; perPage: number }>,
) => ({
  page,
  perPage,
  total: all.length,
  items: all.slice((page - 1) * perPage, page * perPage),
});
