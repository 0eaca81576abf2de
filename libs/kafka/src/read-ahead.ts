import type { Feed, Page } from './feed.js';

/**
 * The pages of a feed, one behind the other. What follows a page is read while that one is sent: as soon as the page is
 * given where more of them follow, or when something new is told of.
 */
export class ReadAhead {
  #ahead: Readonly<{ after: number; page: Promise<Page | null> }> | undefined;
  /** Where the page that was given last ends, while nobody has asked for the next one. */
  #given: number | undefined;
  /** Something was told of since the last read began. */
  #isMore = false;

  constructor(
    private readonly feed: Pick<Feed, 'next'>,
    private readonly signal: AbortSignal,
  ) {}

  async next(after: number): Promise<Page | null> {
    const ahead = this.#ahead;
    this.#ahead = this.#given = undefined;
    const page = await (ahead?.after === after ? ahead.page : this.#read(after));
    if (!page) return null;
    this.#given = page.upTo;
    if (page.more || this.#isMore) this.#readOn(page.upTo);
    return page;
  }

  /** There may be something new. */
  hint(): void {
    this.#isMore = true;
    if (this.#given !== undefined && !this.#ahead) this.#readOn(this.#given);
  }

  #read(after: number): Promise<Page | null> {
    this.#isMore = false;
    return this.feed.next(after, this.signal);
  }

  #readOn(after: number): void {
    const page = this.#read(after);
    // Nobody may ask for it any more; whoever does is told.
    page.catch(() => undefined);
    this.#ahead = { after, page };
  }
}
