import 'reflect-metadata';
import { isKey } from '#domain';
import { buildMessage, ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { checks, commandIdPattern, isCommandId, isTextOf, keyPattern, linePattern, textPattern } from './checks.js';
import { MAX_COMMAND_ID, MAX_KEY, MAX_METADATA_MEMBERS, type CheckName } from './checks.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A rule of our own: what class-validator runs (`test`) and says, beside the JSON Schema that says the same. The schema
 * rides along as the decorator's constraint, where `schemaOf` finds it.
 */
type Rule = Readonly<{ name: string; schema: JsonSchema; test: (value: unknown) => boolean; says: string }>;

export const ruleNames = new Set<string>();

const rule = ({ name, schema, test, says }: Rule, options?: ValidationOptions): PropertyDecorator => {
  ruleNames.add(name);
  const defaultMessage = buildMessage((each) => `${each}$property ${says}`, options);
  return ValidateBy({ name, constraints: [schema], validator: { validate: test, defaultMessage } }, options);
};

/** What a member means, for readers of the schema. */
export const Says = (description: string): PropertyDecorator => JSONSchema({ description }) as PropertyDecorator;

export const together =
  (...decorators: PropertyDecorator[]): PropertyDecorator =>
  (owner, name) =>
    decorators.forEach((decorate) => decorate(owner, name));

/** May be left out, but not be null. */
export const Optional = (): PropertyDecorator => ValidateIf(unlessAbsent);
/** May be left out; null clears it. */
export const Nullable = (): PropertyDecorator => ValidateIf(unlessNull);

const unlessAbsent = (_owner: object, value: unknown): boolean => value !== undefined;
export const unlessNull = (_owner: object, value: unknown): boolean => value !== undefined && value !== null;

const textRule = (name: string, pattern: RegExp, min: number, max: number): Rule => ({
  name,
  schema: { type: 'string', ...(min > 0 ? { minLength: min } : {}), maxLength: max, pattern: pattern.source },
  test: (value) => isTextOf(value, pattern, min, max),
  says: `must be text of ${min} to ${max} characters${pattern === linePattern ? ' without control characters' : ' without U+0000'}`,
});

/** One line of 1 to `max` code points. */
export const IsLine = (max: number, options?: ValidationOptions): PropertyDecorator =>
  rule(textRule('line', linePattern, 1, max), options);

/** Text of up to `max` code points, line ends included. */
export const IsText = (max: number): PropertyDecorator => rule(textRule('text', textPattern, 0, max));

export const IsKey = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    {
      name: 'key',
      schema: { type: 'string', minLength: 1, maxLength: MAX_KEY, pattern: keyPattern.source, 'x-check': 'nfc' },
      test: (value) => typeof value === 'string' && isKey(value),
      says:
        `must be 1 to ${MAX_KEY} characters in Unicode form NFC, without control characters or white space at either end, ` +
        'and not . or ..',
    },
    options,
  );

export const IsCommandId = (): PropertyDecorator =>
  rule({
    name: 'commandId',
    schema: { type: 'string', minLength: 1, maxLength: MAX_COMMAND_ID, pattern: commandIdPattern.source },
    test: isCommandId,
    says: `must be 1 to ${MAX_COMMAND_ID} characters without control characters, not beginning with shiplog:`,
  });

const MAX_TIME = 64;

/** A moment of RFC 3339, in any spelling and with any offset. */
export const IsTime = (): PropertyDecorator =>
  rule({
    name: 'time',
    schema: { type: 'string', format: 'date-time', maxLength: MAX_TIME, 'x-check': 'time' satisfies CheckName },
    test: (value) => typeof value === 'string' && value.length <= MAX_TIME && checks.time(value),
    says: 'must be a time of RFC 3339 from year 0001 to 9999, such as 2026-11-20T10:00:00Z',
  });

const MAX_URL = 2_000;

export const IsHttpUrl = (): PropertyDecorator =>
  rule({
    name: 'httpUrl',
    schema: { type: 'string', maxLength: MAX_URL, 'x-check': 'httpUrl' satisfies CheckName },
    test: (value) => isTextOf(value, linePattern, 1, MAX_URL) && checks.httpUrl(value),
    says: `must be a URL of up to ${MAX_URL} characters that begins with http:// or https://`,
  });

export const IsMetadata = (): PropertyDecorator =>
  rule({
    name: 'metadata',
    schema: { type: 'object', maxProperties: MAX_METADATA_MEMBERS, 'x-check': 'metadata' satisfies CheckName },
    test: (value) => isPlainObject(value) && checks.metadata(value),
    says: 'must be an object of at most 64 members and 16 KiB of JSON',
  });

const MAX_LABELS = 64;
const MAX_LABEL_NAME = 100;
const MAX_LABEL_VALUE = 256;

export const IsLabels = (): PropertyDecorator =>
  rule({
    name: 'labels',
    schema: {
      type: 'object',
      maxProperties: MAX_LABELS,
      propertyNames: textRule('line', linePattern, 1, MAX_LABEL_NAME).schema,
      additionalProperties: textRule('line', linePattern, 0, MAX_LABEL_VALUE).schema,
    },
    test: areLabels,
    says:
      `must be an object of at most ${MAX_LABELS} names (1 to ${MAX_LABEL_NAME} characters) with texts ` +
      `(up to ${MAX_LABEL_VALUE} characters), without control characters`,
  });

const areLabels = (value: unknown): boolean =>
  isPlainObject(value) &&
  Object.keys(value).length <= MAX_LABELS &&
  Object.entries(value).every(
    ([name, text]) => isTextOf(name, linePattern, 1, MAX_LABEL_NAME) && isTextOf(text, linePattern, 0, MAX_LABEL_VALUE),
  );

/** No (repository, branch) pair twice; `refs/heads/` makes no difference. */
export const HasDistinctBranches = (): PropertyDecorator =>
  rule({
    name: 'distinctBranches',
    schema: { type: 'array', 'x-check': 'distinctBranches' satisfies CheckName },
    test: checks.distinctBranches,
    says: 'must not name one branch of a repository twice',
  });

export const HasDistinctNames = (): PropertyDecorator =>
  rule({
    name: 'distinctNames',
    schema: { type: 'array', 'x-check': 'distinctNames' satisfies CheckName },
    test: checks.distinctNames,
    says: 'must not use one name twice',
  });

/** `*` stands alone. */
export const HasWholeReach = (): PropertyDecorator =>
  rule({
    name: 'wholeReach',
    schema: { type: 'array', 'x-check': 'wholeReach' satisfies CheckName },
    test: checks.wholeReach,
    says: 'must not name projects beside *, which is all of them',
  });

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
