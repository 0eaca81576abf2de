import { describe, expect, it, jest } from '@jest/globals';
import type { Pool } from '#event-store';
import { StreamReader } from './stream-reader.js';

const STREAM = 'target:web-shop/production';

/** A stream of so many versions, those that pass the filter among them, and the stretches of it that were looked at. */
const readerOf = (end: number, passing: readonly number[] = []) => {
  const looked: Array<[after: number, upTo: number]> = [];
  const query = async (text: string, values: unknown[]) => {
    if (text.includes('from streams')) return { rows: [{ version: end }], rowCount: 1 };
    const [, after, upTo] = values as [string, number, number];
    looked.push([after, upTo]);
    const limit = Number(/limit (\d+)$/.exec(text.trim())![1]);
    const found = passing.filter((version) => version > after && version <= upTo);
    const ordered = text.includes('desc') ? found.toReversed() : found;
    return { rows: ordered.slice(0, limit).map((version) => ({ version })), rowCount: 0 };
  };
  return { looked, reader: new StreamReader({ query } as unknown as Pool) };
};
const versionsOf = (events: ReadonlyArray<{ version: number }>) => events.map(({ version }) => version);

describe('A stream is looked through', () => {
  it('a stretch at a time, up to where it ends', async () => {
    const { looked, reader } = readerOf(25_000);
    expect(await reader.page(STREAM, {}, { limit: 50, after: 7 })).toEqual({ items: [], next: null });
    expect(looked).toEqual([
      [7, 10_007],
      [10_007, 20_007],
      [20_007, 25_000],
    ]);
  });

  it('from where a stretch was cut by its limit, so that nothing is left out', async () => {
    const passing = Array.from({ length: 500 }, (_, index) => 9_900 + index);
    const { reader } = readerOf(25_000, passing);
    const seen: number[] = [];
    for await (const { events } of reader.scan(STREAM, {}, { after: 0 })) seen.push(...versionsOf(events));
    expect(seen).toEqual(passing);
  });

  it('no further than a page needs', async () => {
    const { looked, reader } = readerOf(1_000_000, [3, 5, 9_000, 9_001]);
    const page = await reader.page(STREAM, {}, { limit: 2 });
    expect([versionsOf(page.items), page.next, looked.length]).toEqual([[3, 5], 5, 1]);
    const next = await reader.page(STREAM, {}, { limit: 2, after: page.next! });
    expect([versionsOf(next.items), looked.length]).toEqual([[9_000, 9_001], 1 + 100]);
  });

  it('for two seconds, after which a page says where to go on', async () => {
    const { looked, reader } = readerOf(1_000_000, [3]);
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 900));
    const { items, next } = await reader.page(STREAM, {}, { limit: 50 });
    clock.mockRestore();
    expect([versionsOf(items), next]).toEqual([[3], looked.at(-1)![1]]);
    expect(looked.length).toBeLessThan(5);
    expect((await reader.page(STREAM, {}, { limit: 50, after: next! })).next).toBeNull();
  });

  it('from its end for the last event, and no further than that', async () => {
    const { looked, reader } = readerOf(25_000, [3, 15_000, 15_001]);
    expect((await reader.last(STREAM, {}, 24_000))!.version).toBe(15_001);
    expect(looked).toEqual([[14_000, 24_000]]);
    expect((await reader.last(STREAM, {}, 14_999))!.version).toBe(3);
    expect(await reader.last(STREAM, {}, 2)).toBeUndefined();
  });
});
