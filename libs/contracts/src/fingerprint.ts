import { hash } from 'node:crypto';

/**
 * 32 bytes that are equal for two commands that differ in white space and the order of keys only. It recurses: what it
 * is given has been held to the depth that `readJson` allows.
 */
export const fingerprintOf = (parts: unknown): Uint8Array =>
  // By way of a string: a Buffer straight from `hash` costs more than the hash.
  Buffer.from(hash('sha256', canonicalJson(parts), 'binary'), 'latin1');

const canonicalJson = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let members = '';
  if (Array.isArray(value)) {
    for (const item of value) members += (members && ',') + canonicalJson(item);
    return `[${members}]`;
  }
  for (const key of inOrder(Object.keys(value))) {
    const member: unknown = Reflect.get(value, key);
    if (member !== undefined) members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
};

/** Most are in order as they are, and finding that out costs less than sorting them. */
const inOrder = (keys: string[]): string[] =>
  keys.every((key, at) => at === 0 || keys[at - 1]! < key) ? keys : keys.sort();
