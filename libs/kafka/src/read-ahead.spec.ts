import { describe, expect, it } from '@jest/globals';
import type { Page } from './feed.js';
import { ReadAhead } from './read-ahead.js';

/** Pages of ten up to `end`, and where each read began. */
const feed = (end: number, fail: readonly number[] = []) => {
  const reads: number[] = [];
  const next = async (after: number): Promise<Page | null> => {
    reads.push(after);
    if (fail.includes(after)) throw new Error(`not ${after}`);
    const upTo = Math.min(end, after + 10);
    return upTo > after ? { items: [], upTo, more: upTo - after === 10 } : null;
  };
  return { reads, pages: new ReadAhead({ next }, new AbortController().signal) };
};

describe('reading ahead', () => {
  it('reads what follows a full page before it is asked for, and only that', async () => {
    const { reads, pages } = feed(15);
    expect(await pages.next(0)).toMatchObject({ upTo: 10 });
    expect(reads).toEqual([0, 10]);
    expect(await pages.next(10)).toMatchObject({ upTo: 15, more: false });
    expect(reads).toEqual([0, 10]);
    expect(await pages.next(15)).toBeNull();
    expect(reads).toEqual([0, 10, 15]);
  });

  it('reads again from where it is told to go back to', async () => {
    const { reads, pages } = feed(30);
    await pages.next(10);
    expect(await pages.next(5)).toMatchObject({ upTo: 15 });
    expect(reads).toEqual([10, 20, 5, 15]);
  });

  it('reads what is told of while a page is sent, and behind that what is told of while it reads', async () => {
    const { reads, pages } = feed(5);
    await pages.next(0);
    expect(reads).toEqual([0]);
    pages.hint();
    expect(reads).toEqual([0, 5]);
    expect(await pages.next(5)).toBeNull();
    const told = pages.next(2);
    pages.hint();
    expect(await told).toMatchObject({ upTo: 5 });
    expect(reads).toEqual([0, 5, 2, 5]);
  });

  it('reads what was told of before it was asked once', async () => {
    const { reads, pages } = feed(5);
    pages.hint();
    await pages.next(0);
    expect(reads).toEqual([0]);
  });

  it('tells of a failure when the page is asked for', async () => {
    const { pages } = feed(30, [10]);
    expect(await pages.next(0)).toMatchObject({ upTo: 10 });
    await expect(pages.next(10)).rejects.toThrow('not 10');
  });
});
