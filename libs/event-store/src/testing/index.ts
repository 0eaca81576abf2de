export { batchOf, decided, newEvent, newStream, stateAt, write, type Decided, type Known } from './batches.js';
export { eventStoreContract } from './contract.js';
export { MemoryLog, MemoryStore, type Hints, type Wire } from './memory.js';
export type { ContractStore, StoreUnderTest } from './under-test.js';
