import { describe } from '@jest/globals';
import { eventStoreContract, MemoryLog, MemoryStore, type Hints } from '#event-store/testing';

describe('The event store in memory', () => {
  eventStoreContract(async () => {
    const log = new MemoryLog(() => `${new Date().toISOString().slice(0, -1)}000Z`);
    const hints: Hints = new Set();
    const [store, other] = [new MemoryStore(log, hints), new MemoryStore(log, hints)];
    const close = async (): Promise<void> => {
      await Promise.all([store.close(), other.close()]);
    };
    return { store, other, close };
  });
});
