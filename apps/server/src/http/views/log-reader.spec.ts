import { describe, expect, it, jest } from '@jest/globals';
import type { EventStore, Pool } from '#event-store';
import type { Names } from '../names.js';
import { LogReader } from './log-reader.js';

/** A log of so many positions, none of which match, and the stretches of it that were looked at. */
const readerOf = (position: number) => {
  const looked: Array<[after: number, upTo: number]> = [];
  const query = ({ text, values, callback }: { text: string; values?: number[]; callback: () => void }) => {
    const [after, upTo] = values ?? /position > (\d+) and position <= (\d+)/.exec(text)!.slice(1).map(Number);
    looked.push([after!, upTo!]);
    setImmediate(callback);
  };
  const pool = { connect: async () => ({ query, release: () => undefined }) } as unknown as Pool;
  const store = { head: async () => ({ position, storeId: '' }) } as unknown as EventStore;
  const names = { inEvents: async () => new Map() } as unknown as Names;
  return { looked, reader: new LogReader(store, names, pool, pool) };
};

describe('a filter that matches nothing', () => {
  const filter = { suffix: '/none' };

  it('is looked for a stretch of the log at a time', async () => {
    const { looked, reader } = readerOf(120_000);
    expect(await reader.page(filter, { limit: 50, after: 7 })).toEqual({ items: [], next: null });
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
    expect([items, looked.map(([, upTo]) => upTo)]).toEqual([[], expect.arrayContaining([next])]);
    expect(looked.length).toBeLessThan(6);
    expect((await reader.page(filter, { limit: 50, after: next! })).next).toBeNull();
  });

  it('hands something on at each stretch, so that a reader who has gone is noticed', async () => {
    const { looked, reader } = readerOf(1_000_000);
    const lines = reader.lines(filter, { after: 0 });
    expect((await lines.next()).value).toBe('');
    await lines.return(undefined);
    // The second was read while the first was handed on.
    expect(looked).toHaveLength(2);
  });

  it('is looked for nowhere when it cannot match', async () => {
    const { looked, reader } = readerOf(1_000_000);
    expect(await reader.page({ prefixes: [] }, { limit: 50 })).toEqual({ items: [], next: null });
    expect((await reader.lines({ streams: [] }, { after: 0 }).next()).done).toBe(true);
    expect(looked).toEqual([]);
  });
});
