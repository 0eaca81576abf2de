import { BadInput, badInput, type FieldError } from './bad-input.js';

/** Deeper bodies are refused before anything recurses into them. */
export const MAX_DEPTH = 32;
/** The largest body or record, in bytes. */
export const MAX_BYTES = 262_144;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads bytes as I-JSON (RFC 7493): strict UTF-8 without a byte order mark, at most 256 KiB and 32 levels, no key twice in
 * an object, and only values that survive being stored. Throws BadInput, naming the part as `field`, and nothing else.
 */
export const readJson = (bytes: Uint8Array, field = 'body'): unknown => {
  const text = decode(bytes, field);
  const members = countMembers(text, field);
  const value = parse(text, field);
  const found = inspect(value);
  if (found.fault) throw new BadInput([{ ...found.fault, field: found.fault.field || field }]);
  if (found.members !== members) throw badInput(field, 'has one key twice in an object');
  return value;
};

/** What a parsed value holds that is refused wherever it stands: too deep, or no JSON that could be stored. */
export const faultOf = (value: unknown): FieldError | undefined => inspect(value).fault;

/** The bytes as text; throws BadInput where they are not UTF-8, or more than 256 KiB. */
export const decode = (bytes: Uint8Array, field: string): string => {
  if (bytes.byteLength > MAX_BYTES) throw badInput(field, `is larger than ${MAX_BYTES} bytes`);
  try {
    return utf8.decode(bytes);
  } catch {
    throw badInput(field, 'is not UTF-8');
  }
};

const parse = (text: string, field: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The engine's own sentence quotes the input, which would carry it into logs and headers.
    const at = /at position \d+/.exec((error as Error).message);
    throw badInput(field, text === '' ? 'is empty' : `is not JSON${at ? ` (${at[0]})` : ''}`);
  }
};

const QUOTE = 0x22;
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

const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
};

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
};

/** +1 for `[` and `{`, -1 for `]` and `}`, which differ from them in bit 1. */
const depthOf = (code: number): number => ((code | 0x20) === 0x7b ? 1 : (code | 0x20) === 0x7d ? -1 : 0);

type Inspection = { members: number; fault?: FieldError };
type Place = Readonly<{ value: object; path: string; depth: number }>;

/** Walks a parsed value without recursion, up to the first fault. */
const inspect = (value: unknown): Inspection => {
  const found: Inspection = { members: 0 };
  const fault = faultOfLeaf(value);
  if (fault) return { members: 0, fault: { field: '', message: fault } };
  const open: Place[] = isContainer(value) ? [{ value, path: '', depth: 1 }] : [];
  for (let place = open.pop(); place && !found.fault; place = open.pop()) visit(place, open, found);
  return found;
};

const visit = (place: Place, open: Place[], found: Inspection): void => {
  if (place.depth > MAX_DEPTH) {
    found.fault = { field: place.path, message: `is nested more than ${MAX_DEPTH} levels deep` };
    return;
  }
  const isList = Array.isArray(place.value);
  for (const [key, value] of Object.entries(place.value)) {
    if (!isList) found.members += 1;
    const message = (isList ? undefined : faultOfKey(key)) ?? faultOfLeaf(value);
    if (message) {
      found.fault = { field: pathTo(place, key), message };
      return;
    }
    if (isContainer(value)) open.push({ value, path: pathTo(place, key), depth: place.depth + 1 });
  }
};

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const pathTo = ({ value, path }: Place, key: string): string => {
  if (Array.isArray(value)) return `${path}[${key}]`;
  return path === '' ? printable(key) : `${path}.${printable(key)}`;
};

/** A text that came from outside, cut and freed of what could not be shown or stored. */
export const printable = (text: string, max = 100): string => text.slice(0, max).replaceAll(/[\p{Cc}\p{Cs}]/gu, '?');

// `constructor` as a key misleads class-transformer, and `__proto__` whoever copies with `target[key] = value`.
const faultOfKey = (key: string): string | undefined =>
  key === '__proto__' || key === 'constructor' ? 'is not allowed as a key' : faultOfText(key);

const faultOfLeaf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return faultOfText(value);
  if (typeof value === 'number') return faultOfNumber(value);
  return undefined;
};

const faultOfText = (text: string): string | undefined => {
  if (text.includes('\u0000')) return 'contains the character U+0000';
  return /\p{Cs}/u.test(text) ? 'contains half of a surrogate pair' : undefined;
};

const faultOfNumber = (value: number): string | undefined => {
  if (!Number.isFinite(value)) return 'is a number beyond what JSON readers hold';
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? 'is an integer beyond 2^53 - 1, which JSON readers do not hold exactly'
    : undefined;
};
