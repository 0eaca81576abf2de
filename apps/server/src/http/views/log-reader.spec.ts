import { describe, expect, it, jest } from '@jest/globals';
import type { EventStore, Pool } from '#event-store';
import type { Names } from '../names.js';
import { LogReader } from './log-reader.js';

/** A log of so many positions, none of which match, and the stretches of it that were looked at. */
const readerOf = (position: number) => {
  const looked: Array<[after: number, upTo: number]> = [];
  const query = async (_text: string, values: unknown[]) => {
    looked.push([values[0] as number, values[1] as number]);
    return { rows: [], rowCount: 0 };
  };
  const store = { head: async () => ({ position, storeId: '' }) } as unknown as EventStore;
  const names = { inEvents: async () => new Map() } as unknown as Names;
  return { looked, reader: new LogReader(store, names, { query } as unknown as Pool) };
};

describe('a filter that matches nothing', () => {
  const filter = { target: 'none' };

  it('is looked for a stretch of the log at a time', async () => {
    const { looked, reader } = readerOf(120_000);
    expect(await reader.page({ ...filter, after: 7 }, { limit: 50 })).toEqual({ items: [], next: null });
    expect(looked).toEqual([
      [7, 50_007],
      [50_007, 100_007],
      [100_007, 120_000],
    ]);
  });

  it('gives a page that says where to go on when the log is long', async () => {
    const { looked, reader } = readerOf(1_000_000);
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 900));
    const { items, next } = await reader.page(filter, { limit: 50 });
    clock.mockRestore();
    expect([items, next]).toEqual([[], looked.at(-1)![1]]);
    expect(looked.length).toBeLessThan(5);
    expect((await reader.page(filter, { limit: 50, after: next! })).next).toBeNull();
  });

  it('hands something on at each stretch, so that a reader who has gone is noticed', async () => {
    const { looked, reader } = readerOf(1_000_000);
    const lines = reader.lines(filter);
    expect((await lines.next()).value).toBe('');
    await lines.return(undefined);
    expect(looked).toHaveLength(1);
  });
});
