import { describe, expect, it } from '@jest/globals';
import type { Batch, NewEvent } from '../types.js';
import { batchOf, decided, newEvent, newStream } from './batches.js';
import type { StoreUnderTest } from './under-test.js';

/** What every store does with a batch that contradicts itself or the log. */
export const refusing = (under: () => StoreUnderTest): void => {
  describe('a batch that cannot be right', () => {
    const refuses = async (batch: Batch): Promise<void> => {
      const { store } = under();
      const before = await store.head();
      await expect((async () => store.append(batch))()).rejects.toThrow();
      expect(await store.head()).toMatchObject({ position: before.position, seq: before.seq });
    };
    const two = (event: Partial<NewEvent> = {}): Batch =>
      batchOf([newStream(), decided(1)], [newStream(), decided([newEvent(event)])]).batch;

    it('is refused whole when an event is no JSON', () => refuses(two({ data: '{' })));

    it('is refused whole when an id is no UUID', () => refuses(two({ id: 'x' })));

    it('is refused whole when a moment is none', () => refuses(two({ occurredAt: 'soon' })));

    it('is refused whole when a version does not follow from its head', () => {
      const { streams, commands } = two();
      return refuses({ streams, commands: commands.map((command) => ({ ...command, version: command.version + 1 })) });
    });

    it('is refused whole when a version does not follow from the command before', async () => {
      const stream = newStream();
      const { streams, commands } = batchOf([stream, decided(1)], [stream, decided(1)]).batch;
      await refuses({ streams, commands: commands.map((command) => ({ ...command, version: 1 })) });
    });

    it('is refused whole when it names a stream twice', () => {
      const { streams, commands } = two();
      return refuses({ streams: streams.map((stream) => ({ ...stream, stream: 'same' })), commands });
    });
  });
};
