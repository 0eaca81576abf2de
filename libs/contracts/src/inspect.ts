import type { FieldError } from './bad-input.js';

/** Deeper values are refused before anything recurses into them. */
export const MAX_DEPTH = 32;

type Inspection = Readonly<{
  /** How many members all objects have together, and with the items of all lists, up to the fault. */
  members: number;
  size: number;
  /** What is refused wherever it stands: too deep, or nothing that could be stored. `field` is empty for the value itself. */
  fault?: FieldError;
}>;
type Container = Readonly<Record<string, unknown>> | readonly unknown[];
type Place = Readonly<{ value: Container; key: string | number; parent: Place | null; depth: number }>;

/** What a parsed value holds that is refused wherever it stands; `field` is empty for the value itself. */
export const faultOf = (value: unknown): FieldError | undefined => inspect(value).fault;

/** Walks a parsed value without recursion, up to the first fault. */
export const inspect = (value: unknown): Inspection => {
  const around: Place = { value: [value], key: 0, parent: null, depth: 0 };
  let members = 0;
  let size = 0;
  for (const open = [around]; open.length > 0;) {
    const place = open.pop() as Place;
    // The places in a list are no keys: to look at each of them as one would take longer than all else.
    const keys = Array.isArray(place.value) ? undefined : Object.keys(place.value);
    const inners: readonly unknown[] = Object.values(place.value);
    for (let at = 0; at < inners.length; at += 1) {
      const inner = inners[at];
      const key = keys?.[at] ?? at;
      const message = (typeof key === 'string' ? faultOfKey(key) : undefined) ?? faultOfValue(inner, place.depth);
      if (message) return { members, size, fault: { field: pathTo(key, place), message } };
      if (isContainer(inner)) open.push({ value: inner, key, parent: place, depth: place.depth + 1 });
    }
    size += inners.length;
    members += keys?.length ?? 0;
  }
  return { members, size };
};

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const pathTo = (key: string | number, { key: outer, parent }: Place): string => {
  if (parent === null) return '';
  const path = pathTo(outer, parent);
  return join(path, typeof key === 'number' ? `[${key}]` : printable(key));
};

/** `commitRefs`, `[0]` and `branch` make `commitRefs[0].branch`. */
export const join = (path: string, name: string): string =>
  path === '' || name === '' || name.startsWith('[') ? `${path}${name}` : `${path}.${name}`;

/** A text that came from outside, cut and freed of what could not be shown or stored. */
export const printable = (text: string, max = 100): string => text.slice(0, max).replaceAll(/[\p{Cc}\p{Cs}]/gu, '?');

// `constructor` as a key misleads class-transformer, and `__proto__` whoever copies with `target[key] = value`.
const faultOfKey = (key: string): string | undefined =>
  key === '__proto__' || key === 'constructor' ? 'is not allowed as a key' : faultOfText(key);

const faultOfValue = (value: unknown, depth: number): string | undefined => {
  if (typeof value === 'string') return faultOfText(value);
  if (typeof value === 'number') return faultOfNumber(value);
  return depth === MAX_DEPTH && isContainer(value) ? `is nested more than ${MAX_DEPTH} levels deep` : undefined;
};

const SUSPECT = /[\u0000\ud800-\udfff]/;

const faultOfText = (text: string): string | undefined => {
  if (!SUSPECT.test(text)) return undefined;
  if (text.includes('\u0000')) return 'contains the character U+0000';
  return /\p{Cs}/u.test(text) ? 'contains half of a surrogate pair' : undefined;
};

const faultOfNumber = (value: number): string | undefined => {
  if (!Number.isFinite(value)) return 'is a number beyond what JSON readers hold';
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? 'is an integer beyond 2^53 - 1, which JSON readers do not hold exactly'
    : undefined;
};
