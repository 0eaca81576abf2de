import { describe } from '@jest/globals';
import { eventStoreContract } from '#event-store/testing';
import { createTestDatabase } from '../../../test/support/database.js';
import { EventStore, eventStoreMigrations } from './index.js';

describe('The event store in PostgreSQL', () => {
  eventStoreContract(async () => {
    const database = await createTestDatabase({ migrations: [eventStoreMigrations] });
    const [store, other] = await Promise.all([
      EventStore.open({ connectionString: database.url }),
      EventStore.open({ connectionString: database.url }),
    ]);
    const close = async (): Promise<void> => {
      await Promise.all([store.close(), other.close()]);
      await database.drop();
    };
    return { store, other, close };
  });
});
