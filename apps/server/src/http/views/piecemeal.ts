import type { Page } from '#projections';

/** After that a page is sent with what was found, and its cursor goes on from there. */
const PAGE_MS = 2_000;

/** Items found, and the place up to which everything was looked at for them. */
export type Piece<Item> = Readonly<{ events: readonly Item[]; reached: number; isLast: boolean }>;

/** The first `limit` items of what is looked through a piece at a time; fewer where that takes long. */
export async function pageOf<Item>(
  pieces: AsyncIterable<Piece<Item>>,
  limit: number,
  placeOf: (item: Item) => number,
): Promise<Page<Item, number>> {
  const items: Item[] = [];
  const end = performance.now() + PAGE_MS;
  for await (const { events, reached, isLast } of pieces) {
    items.push(...events);
    if (items.length > limit) return { items: items.slice(0, limit), next: placeOf(items[limit - 1]!) };
    if (!isLast && performance.now() > end) return { items, next: reached };
  }
  return { items, next: null };
}
