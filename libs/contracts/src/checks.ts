import { toTime } from '#domain';

/** One line of text: no control characters, no half surrogate pairs. */
export const linePattern = /^[^\p{Cc}\p{Cs}]*$/u;
/** Any text that can be stored. */
export const textPattern = /^[^\u0000\p{Cs}]*$/u;
/** A key but for its normalisation: no white space of any kind at either end, not `.` or `..`. */
export const keyPattern = /^(?!\.{1,2}$)(?!\s)[^\p{Cc}\p{Cs}]*(?<!\s)$/u;
/** A command id; those beginning with `shiplog:` are the service's own. */
export const commandIdPattern = /^(?!shiplog:)[^\p{Cc}\p{Cs}]*$/u;

export const MAX_KEY = 200;
export const MAX_COMMAND_ID = 255;
export const MAX_METADATA_MEMBERS = 64;
export const MAX_METADATA_BYTES = 16_384;

/** Is it text of `min` to `max` code points that matches the pattern? */
export const isTextOf = (value: unknown, pattern: RegExp, min: number, max: number): value is string =>
  typeof value === 'string' && hasLength(value, min, max) && pattern.test(value);

const hasLength = (text: string, min: number, max: number): boolean => {
  if (text.length > 2 * max) return false;
  const length = text.length <= max ? text.length : [...text].length;
  return length >= min && length <= max;
};

/** May a sender choose it as a command id: 1-255 characters, no control characters, not beginning with `shiplog:`? */
export const isCommandId = (value: unknown): value is string => isTextOf(value, commandIdPattern, 1, MAX_COMMAND_ID);

/**
 * What JSON Schema cannot say, by the name that the keyword `x-check` carries. Each passes what it is not about: the
 * type is said beside it.
 */
export const checks = {
  // Of keys. One that is too long is refused as such: what normalising takes grows with the square of a run of combining marks.
  nfc: (value) => typeof value !== 'string' || value.length > 2 * MAX_KEY || value.normalize('NFC') === value,
  time: (value) => typeof value !== 'string' || toTime(value) !== undefined,
  httpUrl: (value) => typeof value !== 'string' || isHttpUrl(value),
  distinctBranches: (value) => areDistinct(value, branchOf),
  distinctNames: (value) => areDistinct(value, nameOf),
  wholeReach: (value) => !Array.isArray(value) || value.length === 1 || !value.includes('*'),
  metadata: (value) => !isObject(value) || fitsMetadata(value),
} satisfies Record<string, (value: unknown) => boolean>;
export type CheckName = keyof typeof checks;

// Browsers drop tabs and line ends within a scheme, so nothing like `java<tab>script:` may get as far as the parser.
const isHttpUrl = (text: string): boolean => /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(text) && URL.canParse(text);

// It recurses, so what is checked has been through `faultOf`, which holds it to a depth.
const fitsMetadata = (value: object): boolean =>
  Object.keys(value).length <= MAX_METADATA_MEMBERS && Buffer.byteLength(JSON.stringify(value)) <= MAX_METADATA_BYTES;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const areDistinct = (list: unknown, nameOfItem: (item: Readonly<Record<string, unknown>>) => unknown): boolean => {
  if (!Array.isArray(list)) return true;
  const names = list
    .filter(isObject)
    .map(nameOfItem)
    .filter((name) => typeof name === 'string');
  return new Set(names).size === names.length;
};

/** Two spellings of one branch are one pair: `refs/heads/` is dropped where branches are compared. */
const branchOf = ({ repository, branch }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof repository === 'string' && typeof branch === 'string'
    ? `${repository}\u0000${branch.replace(/^refs\/heads\//, '')}`
    : undefined;

const nameOf = ({ name }: Readonly<Record<string, unknown>>): unknown => name;
