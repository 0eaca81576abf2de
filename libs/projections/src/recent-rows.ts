import { LRUCache } from 'lru-cache';

import type { LogEvent } from './log-events.js';

/** What the remembered rows of a view may come to: an estimate, in bytes. */
const MOST_BYTES = 12 * 2 ** 20;
/** What a row takes beside its JSON: an estimate, in bytes. */
const OF_A_ROW = 1_000;

/** What a row takes in memory, guessed from an event that made it. */
export const bytesOfRow = (event: LogEvent): number => OF_A_ROW + 2 * event.bytes;

/** Rows that were used last, each told with its bytes; what is larger than all together may be is not kept. */
export const recentRows = <Row extends object>(mostBytes = MOST_BYTES): LRUCache<string, Row> =>
  new LRUCache({ maxSize: Math.min(Math.max(1, mostBytes), Number.MAX_SAFE_INTEGER) });
