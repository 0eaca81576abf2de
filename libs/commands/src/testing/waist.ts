import { afterAll, beforeAll } from '@jest/globals';

import { eventStoreMigrations, EventStore } from '#event-store';
import { newId } from '#runtime';

import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { CommandQueue, type CommandQueueOptions } from '../command-queue.js';
import { commandsMigrations } from '../migrations.js';
import type { Store } from '../types.js';
import { commandsFor } from './index.js';

const log = { warn: () => undefined, error: () => undefined };

/** A waist over a store, with a quiet log. */
export const waistOver = (store: Store, options: Partial<CommandQueueOptions> = {}): CommandQueue =>
  new CommandQueue({ store, newId, log, ...options });

/** What a suite has from its first test to its last. */
type SuiteWaist = Readonly<{
  store: EventStore;
  waist: CommandQueue;
  /** A target of its own for a test, created. */
  newTarget(): Promise<ReturnType<typeof commandsFor>>;
}>;

/** For a whole suite: a database, its store, and a waist over that. */
export const suiteWaist = (): SuiteWaist => {
  let [database, store, waist]: [TestDatabase?, EventStore?, CommandQueue?] = [];
  let names = 0;
  beforeAll(async () => {
    database = await createTestDatabase({ migrations: [eventStoreMigrations, commandsMigrations] });
    store = await EventStore.open({ connectionString: database.url });
    waist = waistOver(store);
  });
  afterAll(async () => {
    await waist?.drain();
    await store?.close();
    await database?.drop();
  });
  return {
    get store() {
      return store!;
    },
    get waist() {
      return waist!;
    },
    newTarget: async () => {
      const target = commandsFor('web-shop', `target-${(names += 1)}`);
      await waist!.submit(target.send('create', 'CreateTarget', {}));
      return target;
    },
  };
};

/** A store whose methods are replaced where given; each gets the real one's as well. */
export function storeWith(store: EventStore, replaced: (real: Store) => Partial<Store>): Store {
  const real: Store = {
    append: (batch) => store.append(batch),
    loadStreams: (names, heads) => store.loadStreams(names, heads),
    readAbove: (versions) => store.readAbove(versions),
    loadOutcomes: (ids) => store.loadOutcomes(ids),
    positionsOf: (places) => store.positionsOf(places),
    readStream: (stream, range) => store.readStream(stream, range),
    notify: (position) => store.notify(position),
  };
  return { ...real, ...replaced(real) };
}

/** The error of a connection that was lost while it was used. */
export const connectionLost = (): Error =>
  Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
