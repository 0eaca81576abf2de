import { isKey } from '#domain';
import type { CurrentPlace } from '#projections';

/** The largest `integer` of PostgreSQL, which versions are. */
const MAX_VERSION = 2 ** 31 - 1;

/** Places in lists, as their cursors hold them: anything else would reach the database and fail there. */
export const isPosition = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isVersion = (value: unknown): value is number => isPosition(value) && value <= MAX_VERSION;
export const isName = (value: unknown): value is string => typeof value === 'string' && isKey(value);
export const isCurrentPlace = (value: unknown): value is CurrentPlace =>
  Array.isArray(value) && value.length === 2 && value.every(isName);
