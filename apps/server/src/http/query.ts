import type { FastifyRequest } from 'fastify';
import { BadInput, badInput, type FieldError } from '#contracts';
import { callOf, parameters, type ParameterName, type Query } from './parameters.js';

const MISSING = 'must be given';

/**
 * The query of a request that may have these parameters and no others, and must have the `required` ones; the same in whatever
 * order they were given. Throws BadInput that names every one at fault.
 */
export function readQuery<N extends ParameterName>(
  request: FastifyRequest,
  names: readonly N[],
  required: readonly N[] = [],
): Query<N> {
  const query = new Map<string, unknown>();
  const errors: FieldError[] = [];
  for (const [name, texts] of given(request.raw.url!)) {
    const known = names.find((each) => callOf(each) === name);
    const message = known ? take(known, texts, query) : 'is not a parameter here';
    if (message) errors.push({ field: name.slice(0, 100), message });
  }
  for (const name of required) {
    if (!query.has(name) && errors.every(({ field }) => field !== callOf(name)))
      errors.push({ field: callOf(name), message: MISSING });
  }
  if (errors.length > 0) throw new BadInput(errors);
  return Object.fromEntries(names.filter((name) => query.has(name)).map((name) => [name, query.get(name)])) as Query<N>;
}

/** Puts the value into the query, or says why not. */
function take(name: ParameterName, texts: readonly string[], query: Map<string, unknown>): string | undefined {
  const parameter = parameters[name];
  const many = 'many' in parameter;
  const values = texts.map((text) => parameter.read(text));
  if (values.includes(undefined)) return parameter.must;
  if (!many && values.length > 1) return 'must be given once';
  query.set(name, many ? values.sort() : values[0]);
  return undefined;
}

/** Names with their texts, split as forms are, but strictly: what is no UTF-8 is refused and not replaced. */
function given(url: string): Map<string, string[]> {
  const start = url.indexOf('?');
  const found = new Map<string, string[]>();
  for (const pair of start === -1 ? [] : url.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
    const name = decode(pair.slice(0, end));
    const [texts, text] = [found.get(name), decode(pair.slice(end + 1))];
    if (texts) texts.push(text);
    else found.set(name, [text]);
  }
  return found;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    throw badInput('query', 'must be percent-encoded UTF-8');
  }
}
