import type { Feed, Page } from './feed.js';

/** The pages of a feed, one behind the other; while more of them follow, the next is read as soon as one is given. */
export class ReadAhead {
  #ahead: Readonly<{ after: number; page: Promise<Page | null> }> | undefined;

  constructor(
    private readonly feed: Pick<Feed, 'next'>,
    private readonly signal: AbortSignal,
  ) {}

  async next(after: number): Promise<Page | null> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const page = await (ahead?.after === after ? ahead.page : this.feed.next(after, this.signal));
    if (page?.more) this.#readOn(page.upTo);
    return page;
  }

  #readOn(after: number): void {
    const page = this.feed.next(after, this.signal);
    // Nobody may ask for it any more; whoever does is told.
    page.catch(() => undefined);
    this.#ahead = { after, page };
  }
}
