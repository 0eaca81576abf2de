import { describe, expect, it } from '@jest/globals';
import { passes, type EventFilter } from '../queries.js';
import type { EventRange } from '../range.js';
import type { RangeEvent } from '../event-row.js';
import { batchOf, decided, newEvent, newStream, write } from './batches.js';
import type { StoreUnderTest } from './under-test.js';

const ALL = { after: 0, limit: 10_000, maxBytes: 1_000_000 };

/** What every store promises to those who read much of it. */
export const ranging = (under: () => StoreUnderTest): void => {
  const read = (range: Partial<EventRange>) => under().store.readRange({ ...ALL, ...range });
  const asRows = async (range: Partial<EventRange>) => {
    const events: RangeEvent[] = [];
    const rows = await under().store.readRows({ ...ALL, ...range }, (row) => events.push(row.toEvent()));
    return { events, ...rows };
  };

  describe('a range of the log', () => {
    it('has the events that readAll has, but for their ids, and so have rows', async () => {
      const { store } = under();
      const { position: after } = await store.head();
      await write(store, newStream(), decided([newEvent({ data: '{"b":1.50, "ü\\"":"\\\\ 😀"}' })]), decided(2));
      const { events, isCut } = await read({ after });
      expect(isCut).toBe(false);
      expect(events).toEqual((await store.readAll(after, 10)).map(({ id: _, ...event }) => event));
      expect(await asRows({ after })).toEqual({ events, count: 3, last: after + 3, isCut: false });
      expect(await asRows({ after, limit: 2 })).toMatchObject({ count: 2, last: after + 2, isCut: false });
      expect(await asRows({ after: after + 3 })).toEqual({ events: [], count: 0, last: after + 3, isCut: false });
    });

    it('ends behind the event with which it has its bytes', async () => {
      const { store } = under();
      const { position: after } = await store.head();
      const large = () => newEvent({ data: JSON.stringify('x'.repeat(3_000)) });
      await write(store, newStream(), decided([large(), newEvent(), large(), newEvent()]));
      const { events, isCut } = await read({ after, maxBytes: 4_000 });
      expect([events.map(({ position }) => position - after), isCut]).toEqual([[1, 2, 3], true]);
      expect((await read({ after, limit: 3, maxBytes: 4_000 })).isCut).toBe(false);
      expect((await read({ after, maxBytes: 1 })).events).toHaveLength(1);
    });

    it('has what passes its filter', async () => {
      const { store } = under();
      const { position: after } = await store.head();
      const names = [newStream(), newStream()];
      const typed = () => decided([newEvent({ type: 'One' }), newEvent({ type: 'Two' })]);
      await store.append(batchOf(...names.map((stream) => [stream, typed()] as const)).batch);
      const all = (await read({ after })).events;
      const { stream } = names[0]!;
      const filters: EventFilter[] = [
        { types: ['Two'] },
        { streams: [stream] },
        { prefixes: [stream] },
        { suffix: stream },
      ];
      for (const filter of filters)
        expect((await read({ after, ...filter })).events).toEqual(all.filter((event) => passes(filter, event)));
    });
  });
};
