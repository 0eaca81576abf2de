export { byteaArray, intArray, textArray } from './arrays.js';
export { claimCheckpoint, moveCheckpoint, readCheckpoint, readCheckpoints, waitsBehind } from './checkpoints.js';
export { CopyIn } from './copy-in.js';
export { isTooSlow, isUnavailable, isUnspeakable, LogWentBack } from './errors.js';
export { type EventRow, type RangeEvent, type Span } from './event-row.js';
export { EventStore, type EventStoreOptions } from './event-store.js';
export { KeyReader } from './key-reader.js';
export { acquireLease, advanceUnderLease, releaseLease, renewLease, type Lease } from './leases.js';
export { migrate, type Migrations } from './migrate.js';
export {
  createPool,
  inTransaction,
  keepingOpen,
  keepingPlans,
  withoutTimeLimit,
  type ConnectionOptions,
  type Pool,
  type PoolOptions,
  type Queryable,
} from './pool.js';
export {
  endOfStream,
  passes,
  readMember,
  readStreamEvents,
  type EventFilter,
  type StreamFilter,
  type StreamRange,
} from './queries.js';
export { readRange, readRows, type EventRange, type Range, type Rows } from './range.js';
export { mayChangeEvents } from './rights.js';
export { pagesBackwards, pagesOfStream } from './stream-pages.js';
export { column, writeRows, type Column, type Table } from './tables.js';
export {
  NO_STREAM,
  type AppendResult,
  type Batch,
  type DecidedCommand,
  type LogHead,
  type NewEvent,
  type RefusedStream,
  type StoredEvent,
  type StoredOutcome,
  type StreamSnapshot,
  type Timestamp,
} from './types.js';

/** The tables and the append function, for `migrate`. */
export const eventStoreMigrations = { name: 'event-store', folder: new URL('../migrations/', import.meta.url) };
