import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  fillProject,
  neverFilled,
  shared,
  tokenOf,
  type Flock,
  type Shared,
} from '../../../../../test/support/canaries.js';
import { birdsIn, hear, pathsOf, readsOf, type Asked, type Heard } from '../../../../../test/support/crawl.js';
import type { TestDatabase } from '../../../../../test/support/database.js';
import { dialectBodies } from '../../../../../test/support/dialect-bodies.js';
import { projectValues } from '../../../../../test/support/project-values.js';
import { routesWhile, type Route } from '../../../../../test/support/routes.js';
import {
  API,
  startTestServer,
  testDatabase,
  TOKEN,
  type Loose,
  type TestServer,
} from '../../../../../test/support/server.js';
import { exchange } from '../../../../../test/support/wire.js';

/** Routes that tell of the service and of no project: they change by themselves. */
const OF_THE_SERVICE =
  /^\/(metrics|health\/.*|openapi\.json|asyncapi\.json|docs.*)$|\/status$|\/(rate_limit|meta|user)$|\/audit\/.*$/;

let database: TestDatabase;
let api: TestServer;
let routes: readonly Route[];
let both: Shared;
let mine: Flock;
let other: Flock;
/** May do everything, in `mine` alone. */
let token: string;
let before: Heard[];

/** Waits until every view has seen all that happened. */
const settled = async (): Promise<void> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const isBehind = async (): Promise<boolean> =>
    (await api.call(`${API}/status`)).body.projections.some((each: Loose) => each.position < position);
  while (await isBehind()) await new Promise((resolve) => setTimeout(resolve, 50));
};
const reads = (flock: Flock): Asked[] => readsOf(routes, projectValues(flock, both));
const askAs = (with_: string, asked: readonly Asked[]): Promise<Heard[]> => hear(api.server.url, asked, with_);
const leaks = (heard: readonly Heard[]): string[] =>
  heard.flatMap((each) => birdsIn(each, other.name).map((bird) => `${each.sent.method} ${each.sent.path}: ${bird}`));
/** An answer without what changes by itself. */
const textOf = ({ answered: { headers, body, status } }: Heard): string => {
  const { date: _, 'content-length': __, 'x-github-request-id': ___, 'x-ratelimit-reset': ____, ...rest } = headers;
  const still = body
    .replaceAll(/"lastUsedAt":("[^"]*"|null)/g, '"lastUsedAt":…')
    // What is current has been so for longer each time.
    .replaceAll(/("until":null,"seconds":)[\d.]+/g, '$1…')
    .replaceAll(/"errorTraceId":"[^"]*"/g, '"errorTraceId":…')
    // Drawn by lot for each stream, so that clients do not all come back at once.
    .replace(/^retry: \d+/, 'retry: …');
  return JSON.stringify([status, rest, still]);
};
/** Where two answers to the same request, or to one that differs in names, are not the same. */
const differing = (one: readonly Heard[], two: readonly Heard[], rename = (text: string) => text): string[][] => {
  expect(two.length).toBe(one.length);
  return one.flatMap((each, n) => {
    const [a, b] = [textOf(each), rename(textOf(two[n]!))];
    return a === b || OF_THE_SERVICE.test(each.route.url) ? [] : [[each.sent.path, a, b]];
  });
};

/** The beginning of a list, as long as one item. */
const firstPages = (route: Route, flock: Flock): Asked[] =>
  pathsOf(route, projectValues(flock, both).paths).flatMap((path) =>
    ['limit=1', `limit=1&project=${flock.project}`]
      .filter((query) => route.query.includes('project') || !query.includes('project'))
      .map((query) => ({ route, sent: { path: `${path}?${query}` } })),
  );

/** Every command and every other change to a project, under ids that were used there, and what is no command at all. */
function writesTo(flock: Flock): Asked[] {
  const [project, target] = [flock.project, flock.targets[0]!];
  const bodies: Readonly<Record<string, unknown>> = {
    CreateTarget: { key: 'new' },
    ...dialectBodies(flock),
    [`${API}/tokens`]: { name: 'more', scopes: ['deployments:read'], projects: [project] },
    [`${API}/commands`]: [
      { commandId: flock.commandIds[0], type: 'FinishDeployment', project, target, data: { version: '1' } },
      { commandId: 'new', type: 'CreateTarget', project, target: 'new', data: {} },
      { commandId: 'newer', type: 'ApproveDeployment', project, target, data: { number: 1 } },
    ],
  };
  return routes
    .filter(({ method }) => !['GET', 'HEAD'].includes(method))
    .flatMap((route) =>
      pathsOf(route, projectValues(flock, both).paths).flatMap((path) =>
        [bodies[route.command ?? route.url] ?? {}, { nope: 1 }, '{'].map((body) => ({
          route,
          sent: {
            method: route.method,
            path,
            // Each command of a list has its own.
            headers: route.command ? { 'idempotency-key': flock.commandIds[0]! } : {},
            body,
          },
        })),
      ),
    );
}

beforeAll(async () => {
  database = await testDatabase();
  ({ made: api, routes } = await routesWhile(() => startTestServer(database)));
  both = shared();
  mine = await fillProject(api, both);
  const scopes = ['admin', 'deployments:read', 'deployments:write', 'targets:write'];
  ({ token } = await tokenOf(api, { name: 'reader-of-mine', projects: [mine.project], scopes }));
  await settled();
  before = await askAs(token, reads(mine));
  other = await fillProject(api, both);
  await settled();
}, 120_000);
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

describe('a token of one project, while another is full of canaries', () => {
  it('asks much, and finds all of its own', () => {
    expect(before.length).toBeGreaterThan(500);
    const found = new Set(before.flatMap((each) => birdsIn({ ...each, sent: { path: '' } }, mine.name)));
    const expected = [
      'project',
      'target',
      'person',
      'metadatakey',
      'deep',
      'failure',
      'claimedname1',
      'rule',
      'labelvalue',
    ];
    expect([...found]).toEqual(expect.arrayContaining(expected.map(mine.bird)));
  });

  it('gets from every read of its own what it got before the other was there: no item, no count, no place of a page differs', async () => {
    const after = await askAs(token, reads(mine));
    expect(leaks(after)).toEqual([]);
    expect(differing(before, after)).toEqual([]);
  }, 120_000);

  it('gets from every read of the other what it would get of one that never was, byte for byte', async () => {
    const never = neverFilled(other);
    const heard = await askAs(token, reads(other));
    expect(heard.length).toBeGreaterThan(500);
    expect(leaks(heard)).toEqual([]);
    const asIfNever = await askAs(token, reads(never));
    expect(differing(heard, asIfNever, (text) => text.replaceAll(never.name, other.name))).toEqual([]);
  }, 120_000);

  it('is told of it what who may see all is told of one that never was', async () => {
    const never = neverFilled(other);
    // A dialect makes a project on first use, for whoever reaches it.
    const isBelow = ({ route: { url, command } }: Asked): boolean =>
      url.startsWith(API) && /:project\b/.test(url) && command !== 'CreateTarget';
    const asked = (flock: Flock): Asked[] =>
      [...reads(flock), ...writesTo(flock)].filter(isBelow).map(({ route, sent }, n) => {
        // A command id is used once here, or the second command would be told so.
        const headers = { ...sent.headers, 'idempotency-key': flock.bird(`fresh${n}`) };
        return { route, sent: { ...sent, headers } };
      });
    const [heard, ofAll] = [await askAs(token, asked(other)), await askAs(TOKEN, asked(never))];
    expect(heard.length).toBeGreaterThan(500);
    expect(differing(heard, ofAll, (text) => text.replaceAll(never.name, other.name))).toEqual([]);
  }, 120_000);

  it('gets nothing of it by the cursors of who may see it', async () => {
    const lists = routes.filter(({ method, query }) => method === 'GET' && query.includes('cursor'));
    const asked = lists.flatMap((route) => [mine, other].flatMap((flock) => firstPages(route, flock)));
    const forged = (await askAs(TOKEN, asked)).flatMap(({ route, sent, answered }): Asked[] => {
      const { nextCursor } = JSON.parse(answered.body) as { nextCursor?: string };
      return nextCursor ? [{ route, sent: { path: `${sent.path}&cursor=${nextCursor}` } }] : [];
    });
    expect(forged.length).toBeGreaterThan(10);
    expect(leaks(await askAs(token, forged))).toEqual([]);
  }, 60_000);

  it('changes nothing of it, and learns nothing from what it is refused', async () => {
    const logOf = async (): Promise<string> =>
      (await api.call(`${API}/events?project=${other.project}&limit=200`)).text;
    const tokensOf = async (): Promise<number> => (await api.call(`${API}/tokens?limit=200`)).body.items.length;
    const was = [await logOf(), await tokensOf()];
    const heard = await askAs(token, writesTo(other));
    // Of what is sent in bulk each is told by itself, and these are all rejected.
    const isMade = ({ answered: { status, body } }: Heard): boolean =>
      status < 400 && status !== 200 && !body.includes('"acceptedDeployments":[]');
    expect(heard.filter(isMade)).toEqual([]);
    expect(leaks(heard)).toEqual([]);
    const never = neverFilled(other);
    const asIfNever = await askAs(token, writesTo(never));
    expect(differing(heard, asIfNever, (text) => text.replaceAll(never.name, other.name))).toEqual([]);
    expect([await logOf(), await tokensOf()]).toEqual(was);
  }, 60_000);

  it('would have been seen to find them: who may see all finds every bird', async () => {
    const heard = await askAs(TOKEN, reads(other));
    const found = new Set(heard.flatMap((each) => birdsIn({ ...each, sent: { path: '' } }, other.name)));
    expect(other.birds.size).toBeGreaterThan(80);
    expect([...other.birds].filter((bird) => !found.has(bird))).toEqual([]);
  }, 120_000);

  it('hears nothing of it while it happens', async () => {
    const { position } = (await api.call(`${API}/status`)).body;
    const sent = { path: `${API}/events/live`, headers: { 'last-event-id': String(position) } };
    const listening = exchange(api.server.url, { ...sent, token });
    for (let n = 0; n < 10; n += 1) {
      for (const { project, bird, tokens } of [other, mine])
        await api.call(`${API}/projects/${project}/targets/production/finish`, {
          body: { version: bird(`live${n}`) },
          token: tokens.service.token,
        });
    }
    const answered = await listening;
    expect(birdsIn({ sent, answered }, mine.name)).toContain(mine.bird('live0'));
    expect(birdsIn({ sent, answered }, other.name)).toEqual([]);
  });
});
