/** A page of a list that is paged by number, from 1. */
export type NumberedPage = Readonly<{ page: number; perPage: number; total: number }>;

/** Which page is asked for, by `page` and `per_page`; what is no number in its bounds counts as not given, or as the bound. */
export function pageOf(query: URLSearchParams, { byDefault, max }: Readonly<{ byDefault: number; max: number }>) {
  const perPage = Math.min(numberIn(query.get('per_page')) ?? byDefault, max);
  return { page: Math.min(numberIn(query.get('page')) ?? 1, MAX_PAGE), perPage };
}
/** Beyond it `page * perPage` would leave the integers. */
const MAX_PAGE = 1_000_000_000;
const numberIn = (text: string | null): number | undefined =>
  text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;

/** The pages that a `Link` header names: `prev` and `next` where they are, `first` and `last` always. */
export function pagesAround({ page, perPage, total }: NumberedPage): Readonly<Record<Rel, number | undefined>> {
  const last = Math.max(1, Math.ceil(total / perPage));
  return {
    prev: page > 1 ? Math.min(page - 1, last) : undefined,
    next: page < last ? page + 1 : undefined,
    first: 1,
    last,
  };
}
export type Rel = 'prev' | 'next' | 'first' | 'last';

/** Clients take 16 KiB of headers, Node's among them, and cannot read an answer with more. */
const LONGEST = 12_000;

/**
 * A `Link` header; `url` is the address of the list with everything that was asked, but for the page. Where that is so long
 * that not all pages fit into a header, the first of them are named, or none.
 */
export function linkHeader(url: string, pages: ReadonlyArray<readonly [Rel, number]>): { link?: string } {
  // Relative where the request did not say by which name it came.
  const [path, query] = url.split('?');
  const asked = new URLSearchParams(query);
  asked.delete('page');
  const others = asked.size === 0 ? '' : `${asked}&`;
  const links = pages.map(([rel, page]) => `<${path}?${others}page=${page}>; rel="${rel}"`);
  while (links.join(', ').length > LONGEST) links.pop();
  return links.length === 0 ? {} : { link: links.join(', ') };
}
