import { hash } from 'node:crypto';

/**
 * 32 bytes that are equal for two commands that differ in white space and the order of keys only. It recurses: what it
 * is given has been held to the depth that `readJson` allows.
 */
export const fingerprintOf = (parts: unknown): Uint8Array => hash('sha256', canonicalJson(parts), 'buffer');

const canonicalJson = (parts: unknown): string =>
  JSON.stringify(parts, (_key, value: unknown) => withKeysInOrder(value));

const withKeysInOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
