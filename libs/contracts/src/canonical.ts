import { createHash } from 'node:crypto';

/** The JSON text of a value with the keys of every object in one order, so that equal values have equal texts. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortKeys);

/** 32 bytes that are equal for two commands that differ in white space and the order of keys only. */
export const fingerprintOf = (parts: unknown): Uint8Array => createHash('sha256').update(canonicalJson(parts)).digest();

const sortKeys = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
};
