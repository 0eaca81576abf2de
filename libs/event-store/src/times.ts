import type { Timestamp } from './types.js';

/** SQL that renders a timestamptz as a `Timestamp`: `2026-11-20T10:00:00.000000Z`. */
export const asTimestamp = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Microseconds from 1970 to 2000, the epoch of PostgreSQL. */
const EPOCH = 946_684_800_000_000n;
/** `2026-11-20T10:00:00.000`; the microseconds are the three digits behind it. */
const MILLISECONDS = 23;

/** A Timestamp as PostgreSQL counts it in its binary format. */
export const microsecondsOf = (time: Timestamp): bigint =>
  BigInt(Date.parse(`${time.slice(0, MILLISECONDS)}Z`)) * 1000n + BigInt(time.slice(MILLISECONDS, -1)) - EPOCH;
