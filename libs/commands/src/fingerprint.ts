import { hash } from 'node:crypto';

/**
 * 32 bytes that tell a command from another with the same id: SHA-256 of the JSON of `parts` with the keys of every
 * object in order. It recurses: the edges limit the depth of what they take in before they ask for it.
 */
export const fingerprintOf = (parts: unknown): Buffer => hash('sha256', canonicalJson(parts), 'buffer');

function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  let members = '';
  if (Array.isArray(value)) {
    for (const item of value) members += (members === '' ? '' : ',') + canonicalJson(item);
    return `[${members}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
