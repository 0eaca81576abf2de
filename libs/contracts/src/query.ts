import { toTime } from '#domain';
import { badInput } from './bad-input.js';
import { check } from './check.js';
import type { Dto } from './dto/bodies.dto.js';
import type { JsonSchema } from './rules.js';
import { schemaOf } from './schema.js';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Reads a query string that was split into texts (lists where a name stands more than once): whole numbers become
 * numbers, times the domain's spelling, one text a list where the class has one. Throws BadInput, for unknown names too.
 */
export const readQuery = <T extends object>(Dto: Dto<T>, raw: Raw): T => {
  const { properties } = schemaOf(Dto) as { properties: Readonly<Record<string, JsonSchema>> };
  const typed = Object.entries(raw).map(([name, text]) => [name, typedAs(own(properties, name), text)]);
  const query = check(Dto, Object.fromEntries(typed), 'query');
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, spelledAs(own(properties, name), value)]),
  ) as T;
};

const own = (properties: Readonly<Record<string, JsonSchema>>, name: string): JsonSchema =>
  Object.hasOwn(properties, name) ? (properties[name] ?? {}) : {};

const WHOLE = /^(0|[1-9]\d{0,15})$/;

const typedAs = ({ type }: JsonSchema, text: unknown): unknown => {
  if (type === 'array') return Array.isArray(text) ? text : [text];
  return type === 'integer' || type === 'number' ? wholeOf(text) : text;
};

const wholeOf = (text: unknown): unknown => (typeof text === 'string' && WHOLE.test(text) ? Number(text) : text);

const spelledAs = ({ format }: JsonSchema, value: unknown): unknown =>
  format === 'date-time' ? toTime(value as string) : value;

/** The number of a deployment, or the position of an event, as a path spells it. Throws BadInput. */
export const readNumber = (field: string, text: string): number => {
  const number = wholeOf(text);
  if (typeof number === 'number' && number >= 1 && Number.isSafeInteger(number)) return number;
  throw badInput(field, 'must be a whole number from 1 to 2^53 - 1');
};
