import { hash } from 'node:crypto';

/**
 * 32 bytes that are equal for two commands that differ in white space and the order of keys only. It recurses: what it
 * is given has been held to the depth that `readJson` allows.
 */
export const fingerprintOf = (parts: unknown): Uint8Array => hash('sha256', canonicalJson(parts), 'buffer');

const canonicalJson = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
};
