import { parametersIn, pathOf, type Route } from './routes.js';
import { exchange, type Answered, type Sent } from './wire.js';

/** What may stand for each parameter, of paths and of queries. */
export type Values = Readonly<Record<string, readonly string[]>>;
export type Asked = Readonly<{ route: Route; sent: Sent }>;
export type Heard = Asked & Readonly<{ answered: Answered }>;

const ACCEPTS = ['application/json', 'application/x-ndjson', 'text/event-stream'];
const AT_ONCE = 12;

/** Every read of these routes with every path that the values make, every filter by itself and beside the others that narrow. */
export const readsOf = (
  routes: readonly Route[],
  { paths, queries }: Readonly<{ paths: Values; queries: Values }>,
): Asked[] =>
  routes
    .filter(({ method }) => method === 'GET' || method === 'HEAD')
    .flatMap((route) => pathsOf(route, paths).flatMap((path) => readsAt({ route, path, queries })));

type At = Readonly<{ route: Route; path: string; queries: Values }>;
const readsAt = ({ route, path, queries }: At): Asked[] => {
  const plain = ACCEPTS.map((accept) => ({ path, headers: { accept, 'last-event-id': '0' } }));
  const asked = route.method === 'HEAD' ? [] : queriesOf(route, queries).map((query) => ({ path: `${path}?${query}` }));
  return [...plain, ...asked].map((sent) => ({ route, sent: { method: route.method, ...sent } }));
};

/** Every path of a route that the values make. Throws for a parameter that has none. */
export const pathsOf = (route: Route, values: Values): string[] =>
  parametersIn(route)
    .reduce<Record<string, string>[]>(
      (all, name) => all.flatMap((one) => valuesOf(values, name).map((value) => ({ ...one, [name]: value }))),
      [{}],
    )
    .map((one) => pathOf(route, one));

/** Lists that narrow others, and those without which some reads say nothing. */
const BESIDE = ['project', 'from', 'to', 'by'];

const queriesOf = (route: Route, values: Values): string[] => {
  const pairs = route.query.map((name) =>
    valuesOf(values, name).map((value) => `${name}=${encodeURIComponent(value)}`),
  );
  const beside = BESIDE.filter((name) => route.query.includes(name)).map((name) => {
    return `${name}=${encodeURIComponent(valuesOf(values, name)[0]!)}`;
  });
  const single = pairs.flat();
  const narrowed = single.map((pair) => [...beside.filter((each) => !sameName(each, pair)), pair].join('&'));
  return [...new Set([...single, ...narrowed])];
};
const sameName = (a: string, b: string): boolean => a.split('=')[0] === b.split('=')[0];

const valuesOf = (values: Values, name: string): readonly string[] => {
  const known = values[name];
  if (!known) throw new Error(`No value for the parameter ${name}: say here what it may be.`);
  return known;
};

/** Sends them all with one token, a few at a time. */
export async function hear(url: string, asked: readonly Asked[], token: string): Promise<Heard[]> {
  const heard: Heard[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < asked.length) {
      const at = next;
      next += 1;
      const one = asked[at]!;
      heard[at] = { ...one, answered: await exchange(url, { ...one.sent, token }) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return heard;
}

/** The birds of a flock in an answer, cursors opened, but for those that the request itself brought. */
export function birdsIn({ sent, answered }: Pick<Heard, 'sent' | 'answered'>, flock: string): string[] {
  const said = new Set(birds(`${decodeURIComponent(sent.path)} ${JSON.stringify(sent)}`, flock));
  return birds(`${answered.bytes}\n${opened(answered.bytes)}`, flock).filter((each) => !said.has(each));
}

const birds = (text: string, flock: string): string[] => text.match(new RegExp(`${flock}x[a-z0-9]*`, 'gi')) ?? [];

/** What could be hidden in anything that looks like base64. */
const opened = (bytes: string): string =>
  (bytes.match(/[\w+/-]{16,}/g) ?? []).map((each) => Buffer.from(each, 'base64url').toString('latin1')).join('\n');
