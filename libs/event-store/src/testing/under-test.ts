import type { EventStore } from '../event-store.js';

/** The part of `EventStore` that the contract speaks of. */
export type ContractStore = Pick<
  EventStore,
  | 'append'
  | 'head'
  | 'loadOutcomes'
  | 'loadStreams'
  | 'notify'
  | 'onAppend'
  | 'positionsOf'
  | 'readAbove'
  | 'readAll'
  | 'readOutcomes'
  | 'readRange'
  | 'readRows'
  | 'readStream'
>;

/** Two ways into one store, as two processes have them, and what closes both. */
export type StoreUnderTest = Readonly<{ store: ContractStore; other: ContractStore; close: () => Promise<void> }>;
