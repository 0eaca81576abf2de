export { MemoryLog } from './memory-log.js';
export { MemoryStore, type Hints, type Wire } from './memory-store.js';
