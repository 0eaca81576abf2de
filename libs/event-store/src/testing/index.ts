export { batchOf, decided, newEvent, newStream, stateAt, write, type Decided, type Known } from './batches.js';
export { eventStoreContract } from './contract.js';
export type { ContractStore, StoreUnderTest } from './under-test.js';
