import { BadInput, badInput } from './bad-input.js';
import { inspect, MAX_DEPTH } from './inspect.js';

/** The largest body or record, in bytes. */
export const MAX_BYTES = 262_144;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads bytes as I-JSON (RFC 7493): strict UTF-8 without a byte order mark, at most `max` bytes (256 KiB unless said) and 32 levels, no key twice in
 * an object, and only values that survive being stored. Throws BadInput, naming the part as `field`, and nothing else.
 */
export const readJson = (bytes: Uint8Array, field = 'body', max = MAX_BYTES): unknown =>
  readText(decode(bytes, field, max), field);

/** What `readJson` reads, once it is text. */
export const readText = (text: string, field: string): unknown => {
  const members = countMembers(text, field);
  const value = parse(text, field);
  const found = inspect(value);
  if (found.fault) throw new BadInput([{ ...found.fault, field: found.fault.field || field }]);
  if (found.members !== members) throw badInput(field, 'has one key twice in an object');
  return value;
};

/** The bytes as text; throws BadInput where they are not UTF-8, or more than `max` (256 KiB unless said). */
export const decode = (bytes: Uint8Array, field: string, max = MAX_BYTES): string => {
  if (bytes.byteLength > max) throw badInput(field, `is larger than ${max} bytes`);
  try {
    return utf8.decode(bytes);
  } catch {
    throw badInput(field, 'is not UTF-8');
  }
};

/** No JSON at all, so nothing of what stands around it is JSON either. */
export class NotJson extends BadInput {}

const parse = (text: string, field: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's own sentence quotes the input, which would carry it into logs and headers.
    const at = /at position \d+/.exec((error as Error).message);
    throw new NotJson([{ field, message: text === '' ? 'is empty' : `is not JSON${at ? ` (${at[0]})` : ''}` }]);
  }
};

export const QUOTE = 0x22;
const COLON = 0x3a;

/** Counts the members of all objects by their colons, and holds the text to the depth, without recursion. */
const countMembers = (text: string, field: string): number => {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) members += 1;
    else depth += depthOf(code);
    if (depth > MAX_DEPTH) throw badInput(field, `is nested more than ${MAX_DEPTH} levels deep`);
  }
  return members;
};

/** Where the string that begins at `start` ends, or the text, if the string does not. */
export const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
};

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
};

/** +1 for an opening bracket, -1 for a closing one: `[` and `]` differ from `{` and `}` in one bit. */
export const depthOf = (code: number): number => ((code | 0x20) === 0x7b ? 1 : (code | 0x20) === 0x7d ? -1 : 0);
