import { describe, expect, it } from '@jest/globals';
import type { EventFilter } from '../queries.js';
import { batchOf, decided, newEvent, newStream, stateAt, write } from './batches.js';
import type { ContractStore, StoreUnderTest } from './under-test.js';

/** What every store promises to readers. */
export const reading = (under: () => StoreUnderTest): void => {
  describe('outcomes', () => {
    it('are counted without a gap and read in that order', async () => {
      const { store, other } = under();
      const { seq } = await store.head();
      const stream = newStream();
      const first = [decided(0), decided(2)];
      const then = await write(store, stream, ...first);
      const last = decided(0);
      await write(other, then, last);
      await store.append(batchOf([stream, decided(1)]).batch);
      const outcomes = await store.readOutcomes(seq, 10);
      expect(outcomes.map(({ seq: n, commandId }) => [n - seq, commandId])).toEqual(
        [...first, last].map(({ commandId }, index) => [index + 1, commandId]),
      );
      expect(await store.readOutcomes(seq + 1, 1)).toEqual([outcomes[1]]);
      expect((await store.head()).seq).toBe(seq + 3);
    });
  });

  describe('a state', () => {
    it('stays as it is where a writer brings none, and the events above it are told', async () => {
      const { store } = under();
      const first = await write(store, newStream(), decided(2));
      const { batch, after } = batchOf([first, decided(1)], [first, decided(2)]);
      await store.append({ ...batch, streams: batch.streams.map((each) => ({ ...each, state: undefined })) });
      const { stream } = first;
      expect((await store.loadStreams([stream])).get(stream)).toMatchObject({
        ...{ version: 5, head: after[0]!.head },
        ...{ state: stateAt(2), stateVersion: 2 },
      });
      expect(await store.readAbove(new Map([[stream, 2]]))).toEqual(
        new Map([[stream, await store.readStream(stream, { after: 2 })]]),
      );
      const { refused } = await store.append(batchOf([first, decided(1)]).batch);
      expect(refused.get(0)?.snapshot).toMatchObject({ version: 5, stateVersion: 2 });
    });
  });

  describe('reading all', () => {
    it('gives what is asked for: types, streams, a last position, so many', async () => {
      const { store } = under();
      const { position: start } = await store.head();
      const [a, b] = [newStream(), newStream()];
      const [one, two] = [newEvent({ type: 'One' }), newEvent({ type: 'Two' })];
      await store.append(batchOf([a, decided([one, two])], [b, decided([newEvent({ type: 'One' })])]).batch);
      const read = async (limit: number, filter?: EventFilter): Promise<number[]> =>
        (await store.readAll(start, limit, filter)).map(({ position }) => position - start);
      expect(await read(10)).toEqual([1, 2, 3]);
      expect(await read(2)).toEqual([1, 2]);
      expect(await read(10, { types: ['One'] })).toEqual([1, 3]);
      expect(await read(10, { streams: [a.stream], types: ['Two', 'Three'] })).toEqual([2]);
      expect(await read(10, { upTo: start + 2 })).toEqual([1, 2]);
      expect(await store.readAll(start + 3, 10)).toEqual([]);
    });
  });

  describe('who listens', () => {
    const told = (by: ContractStore, from: number): Promise<number> =>
      new Promise((resolve) => {
        const end = by.onAppend((position) => {
          if (position <= from) return;
          end();
          resolve(position);
        });
      });

    it('is told of appends of this process before the writer is', async () => {
      const { store } = under();
      const { position } = await store.head();
      let last = 0;
      const end = store.onAppend((reached) => (last = reached));
      await write(store, newStream(), decided(2));
      expect(last).toBe(position + 2);
      end();
      await write(store, newStream(), decided(1));
      expect(last).toBe(position + 2);
    });

    it('is told of appends of other processes, with or without their hint', async () => {
      const { store, other } = under();
      const { position } = await store.head();
      const hinted = told(store, position);
      await write(other, newStream(), decided(1));
      other.notify(position + 1);
      expect(await hinted).toBe(position + 1);
      const unhinted = told(store, position + 1);
      await write(other, newStream(), decided(1));
      expect(await unhinted).toBe(position + 2);
    });
  });
};
