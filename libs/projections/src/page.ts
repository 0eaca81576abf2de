/** The projects that a reader may see. */
export type Reach = '*' | readonly string[];

/** Which page of a list: at most `limit` items, behind the place where the page before ended. */
export type PageQuery<Place> = Readonly<{ limit: number; after?: Place }>;

/** Items in the order of the list, and where the next page begins; null when this is the last. A place is plain JSON. */
export type Page<Item, Place> = Readonly<{ items: readonly Item[]; next: Place | null }>;

/** Of `limit + 1` rows the page, and whether one is left. */
export const toPage = <Item, Place>(
  items: readonly Item[],
  limit: number,
  placeOf: (item: Item) => Place,
): Page<Item, Place> => {
  const page = items.slice(0, limit);
  return { items: page, next: items.length > limit ? placeOf(page.at(-1)!) : null };
};

/** All that a list has, a page of so many at a time. */
export async function* everyItem<Item, Place>(
  limit: number,
  read: (page: PageQuery<Place>) => Promise<Page<Item, Place>>,
): AsyncGenerator<Item, void> {
  for (let page = await read({ limit }); ; page = await read({ limit, after: page.next })) {
    yield* page.items;
    if (page.next === null) return;
  }
}

/**
 * What an id that was made from a name still tells of it: that the SHA-256 of `before` and the name, in hexadecimal, has these
 * digits behind the first `from`.
 */
export type Digest = Readonly<{ before: string; from: number; digits: string }>;

/** The conditions of a query, each with its parameters, joined by `and`. */
export class Conditions {
  readonly #texts: string[] = [];

  /** With the values of other conditions of the same statement, where there are any. */
  constructor(readonly values: unknown[] = []) {}

  /** `text` has a `?` for each of the values. */
  and(text: string, ...values: readonly unknown[]): this {
    let next = 0;
    this.#texts.push(text.replace(/\?/g, () => this.param(values[next++])));
    return this;
  }

  /** Only what the reader may see. */
  within(reach: Reach): this {
    if (reach === '*') return this;
    // One project is a stretch of an index, in its order; of several PostgreSQL before 17 sorts all that there is.
    return reach.length === 1 ? this.and('project = ?', reach[0]) : this.and('project = any (?)', reach);
  }

  /** The text in this column has this digest. */
  digested(column: string, { before, from, digits }: Digest): this {
    const found = `substr(encode(sha256(convert_to(?::text || ${column}, 'UTF8')), 'hex'), ?::integer, ?::integer)`;
    return this.and(`${found} = ?`, before, from + 1, digits.length, digits);
  }

  /** Adds a value, and answers how a statement names it. */
  param(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  toString(): string {
    return this.#texts.join(' and ') || 'true';
  }
}
