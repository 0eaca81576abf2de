import type { Random } from '../support/random.js';
import type { Route } from '../support/routes.js';
import type { Sent } from '../support/wire.js';
import { hostileHeaders, hostileTexts } from './corpus.js';
import { bodyFrom, chance, pick } from './mutate.js';
import { dialectBodies, known } from './known.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a document, read for what it gives as examples.
type Json = any;

/** A route, and what its documentation or its clients would send there. */
export type Door = Readonly<{
  method: string;
  /** With `:name` for each parameter. */
  url: string;
  queries: Readonly<Record<string, readonly string[]>>;
  bodies: readonly unknown[];
}>;

/** The doors that OpenAPI describes, and those of the running router that it leaves out: the dialects'. */
export const doorsOf = (document: Json, routes: readonly Route[]): Door[] => {
  const documented = Object.entries<Record<string, Json>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      queries: queriesOf(operation),
      bodies: bodiesOf(operation),
    })),
  );
  const others = routes.filter(
    ({ method, url }) => method !== 'HEAD' && !documented.some((door) => door.method === method && door.url === url),
  );
  return [
    ...documented,
    ...others.map(({ method, url }) => ({ method, url, queries: known.queries, bodies: dialectBodies })),
  ];
};

const queriesOf = ({ parameters = [] }: Json): Record<string, string[]> =>
  Object.fromEntries(
    parameters
      .filter(({ in: where }: Json) => where === 'query')
      .map(({ name, schema }: Json) => [name, [...(schema.enum ?? []), ...(schema.examples ?? [])].map(String)]),
  );

const bodiesOf = ({ requestBody }: Json): unknown[] =>
  Object.values<Json>(requestBody?.content ?? {}).flatMap(({ examples = {} }) =>
    Object.values<Json>(examples).map(({ value }) => value),
  );

/** One request at a door: right in most of its parts, and hostile in some. */
export const requestAt = (door: Door, token: string, random: Random): Sent => {
  const path = pathOf(door, random);
  const query = queryOf(door, random);
  const takesBody = door.method !== 'GET' && (door.bodies.length > 0 || chance(random, 0.1));
  return {
    method: chance(random, 0.01) ? pick(random, METHODS) : door.method,
    path: query === '' ? path : `${path}?${query}`,
    ...(chance(random, 0.97) ? { token } : {}),
    headers: headersOf(random, takesBody),
    ...(takesBody ? { body: bodyFrom(bodyOf(door, random), random) } : {}),
  };
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];

const bodyOf = ({ bodies }: Door, random: Random): unknown => (bodies.length > 0 ? pick(random, bodies) : {});

const pathOf = ({ url }: Door, random: Random): string => {
  const path = url.replaceAll(/:(\w+)|\*/g, (_, name: string | undefined) => segmentOf(name ?? '*', random));
  if (chance(random, 0.99)) return path;
  return pick(random, [`/${path}`, `${path}/`, path.toUpperCase(), `${path}%2e%2e`, `${path};x=1`, `/./..${path}`]);
};

const segmentOf = (name: string, random: Random): string => {
  const values = known.parameters[name] ?? known.anything;
  if (chance(random, 0.85)) return encodeURIComponent(pick(random, values));
  return encoded(pick(random, hostileTexts).slice(0, 4_000), random) || '%20';
};

/** Percent-encoded, or as much of it as a client can send without. */
const encoded = (text: string, random: Random): string => {
  if (chance(random, 0.8)) return encodeURIComponent(Buffer.from(text).toString());
  return text.replaceAll(
    /[^\x21-\x7e]|[#?]/g,
    (char) => `%${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`,
  );
};

const queryOf = ({ queries }: Door, random: Random): string => {
  const names = Object.keys(queries);
  const pairs: string[] = [];
  while (names.length > 0 && pairs.length < 6 && chance(random, 0.45)) {
    const name = pick(random, names);
    // A position that is far ahead is waited for: a few such requests show it, many would be all that is done.
    const value =
      chance(random, 0.6) || name === 'min_position' ? pick(random, valid(queries, name)) : pick(random, hostileTexts);
    pairs.push(`${name}=${encoded(value.slice(0, 4_000), random)}`);
  }
  if (chance(random, 0.05)) pairs.push(pick(random, ODD_PAIRS));
  return pairs.join('&');
};

const valid = (queries: Door['queries'], name: string): readonly string[] => {
  if (name === 'min_position') return known.queries[name]!;
  const values = queries[name]!;
  return values.length > 0 ? [...values, ...(known.queries[name] ?? [])] : known.anything;
};

const ODD_PAIRS = [
  'a=1&a=2',
  'a[__proto__]=1',
  '__proto__=1',
  '&&&',
  '=',
  'limit=1&limit=2',
  '%zz=1',
  'project=%ff',
  'min_position=-1',
];

const HEADERS = [
  'if-match',
  'if-none-match',
  'accept',
  'content-encoding',
  'last-event-id',
  'idempotency-key',
  'traceparent',
];

const headersOf = (random: Random, hasBody: boolean): Record<string, string> => {
  const headers: Record<string, string> = hasBody ? { 'content-type': typeOf(random) } : {};
  if (chance(random, 0.2)) headers['idempotency-key'] = `k${Math.floor(random() * 5_000)}`;
  if (chance(random, 0.1)) headers[pick(random, HEADERS)] = pick(random, hostileHeaders);
  if (chance(random, 0.02)) headers[pick(random, OF_SENDERS)] = pick(random, hostileHeaders);
  return headers;
};

const OF_SENDERS = [
  'authorization',
  'private-token',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-prefix',
  'x-http-method-override',
  'ce-id',
  'ce-type',
  'ce-source',
  'ce-specversion',
];

const typeOf = (random: Random): string =>
  chance(random, 0.93) ? 'application/json' : pick(random, [...hostileHeaders, ...TYPES]);

const TYPES = [
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'application/x-www-form-urlencoded',
];
