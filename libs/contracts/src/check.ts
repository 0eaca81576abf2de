import { Ajv, type ErrorObject, type KeywordDefinition, type ValidateFunction } from 'ajv';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { BadInput, type FieldError } from './bad-input.js';
import { checks, type CheckName } from './checks.js';
import type { Dto } from './dto/bodies.dto.js';
import { inspect, join, printable } from './inspect.js';
import { schemaOf } from './schema.js';

/** The keyword `x-check`, which names what JSON Schema cannot say, for any Ajv that is to check our schemas. */
export const ajvKeywords: KeywordDefinition[] = [
  { keyword: 'x-check', schemaType: 'string', errors: false, compile: (name: CheckName) => checks[name] },
];

// Stops at the first fault, and leaves times to `x-check`: there is one reader of times.
const ajv = new Ajv({ allErrors: false, formats: { 'date-time': true }, keywords: ajvKeywords });
const compiled = new Map<Dto, ValidateFunction>();

const validatorOf = (Dto: Dto): ValidateFunction => {
  const known = compiled.get(Dto) ?? ajv.compile(schemaOf(Dto));
  compiled.set(Dto, known);
  return known;
};

/** Has the checks of these classes ready before the first value comes. */
export const compile = (Dtos: Iterable<Dto>): void => {
  for (const Dto of Dtos) validatorOf(Dto);
};

/**
 * The value as the class describes it. Throws BadInput with every member at fault: `path` goes before their names, and
 * the value itself is called `root`.
 */
export const check = <T extends object>(Dto: Dto<T>, value: unknown, root = 'body', path = ''): T => {
  const validate = validatorOf(Dto);
  if (validate(value)) return value as T;
  throw new BadInput(explain(Dto, value).map((error) => ({ ...error, field: join(path, error.field) || root })));
};

// class-validator takes some 10 us a member: it does not word what was sent to keep it busy.
const LARGE = 1_000;

/** What is wrong with a value that the check has refused, in class-validator's words; `field` is empty for the value itself. */
export const explain = (Dto: Dto, value: unknown): FieldError[] => {
  const { fault, size } = inspect(value);
  if (fault) return [fault];
  const validate = validatorOf(Dto);
  if (validate(value)) return [];
  const first = wordsOf((validate.errors ?? [])[0]);
  if (!isObject(value) || size > LARGE) return [first];
  const found = faultsByClass(Dto, value);
  // class-validator takes members named like those of every object (`toString`) for known ones.
  return found.length > 0 ? found : [first];
};

/** What class-validator has against an object. */
export const faultsByClass = (Dto: Dto, value: object): FieldError[] =>
  validateSync(plainToInstance(Dto, value), {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    validationError: { target: false, value: true },
  }).flatMap((error) => flatten(error, ''));

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const UNKNOWN = 'is not a member here';
const MISSING = 'must be given';
const NO_OBJECT = 'must be an object';
/** Where one of these fails, whatever else fails does so for the same cause. */
const TYPES = ['isArray', 'isObject', 'isInt', 'isNumber', 'isBoolean'];

const flatten = (error: ValidationError, path: string): FieldError[] => {
  const { property, children } = error;
  const field = join(path, /^\d+$/.test(property) ? `[${property}]` : printable(property));
  const own = causesOf(error).map((message) => ({ field, message: printable(message, 500) }));
  return [...own, ...(children ?? []).flatMap((child) => flatten(child, field))];
};

/** What is wrong with a member itself, said once for each cause, without its name, which stands beside it. */
const causesOf = ({ property, value, constraints = {}, children = [] }: ValidationError): string[] => {
  const failed = Object.keys(constraints);
  if (failed.includes('whitelistValidation')) return [UNKNOWN];
  if (value === undefined && failed.length > 0) return [MISSING];
  const type = TYPES.find((each) => failed.includes(each));
  const said = type === undefined ? Object.values(constraints) : [constraints[type]!];
  // Of a list, each item that is no object says so in its own place.
  if (type === 'isObject' && children.length > 0) return [];
  if (type === undefined && failed.includes('nestedValidation')) return [NO_OBJECT];
  return said.map((message) => (message.startsWith(`${property} `) ? message.slice(property.length + 1) : message));
};

const wordsOf = (error: ErrorObject | undefined): FieldError => {
  const { instancePath = '', keyword, params, message = 'is not valid' } = error ?? {};
  const field = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => join(path, /^\d+$/.test(part) ? `[${part}]` : printable(part)), '');
  const { additionalProperty: unknown, missingProperty: missing } = (params ?? {}) as Record<string, string>;
  if (keyword === 'additionalProperties') return { field: join(field, printable(unknown!)), message: UNKNOWN };
  if (keyword === 'required') return { field: join(field, missing!), message: MISSING };
  return { field, message };
};
