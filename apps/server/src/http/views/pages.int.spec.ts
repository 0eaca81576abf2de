import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { API, TOKEN, unique, type Loose, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const VERSION = '1.4.0';
const COMMIT = 'abc1234';
/** Keys that sort among one another, and against other scripts and lengths, in every way. */
const keys = fc.uniqueArray(fc.stringMatching(/^[a-cA-C0-2é€😀/%_-]{1,4}$/u), { minLength: 1, maxLength: 6 });

/** A list under test: where it is, by what its items are told from one another, and whether a comes before b. */
type List = Readonly<{
  name: string;
  path: (project: string, sha: string) => string;
  idOf: (item: Loose) => string | number;
  newestFirst?: true;
}>;

const lists: readonly List[] = [
  { name: 'targets', path: (p) => `/projects/${p}/targets?`, idOf: ({ key }) => key },
  { name: 'what is current', path: (p) => `/current?project=${p}&`, idOf: ({ target }) => target },
  { name: 'deployments', path: (p) => `/deployments?project=${p}&`, idOf: ({ id }) => id, newestFirst: true },
  {
    name: 'deployments by version',
    path: (p) => `/deployments?project=${p}&version=${VERSION}&status=current&`,
    idOf: ({ id }) => id,
    newestFirst: true,
  },
  {
    name: 'deployments of a commit',
    path: (p, sha) => `/commits/${sha.slice(0, 12)}/deployments?project=${p}&`,
    idOf: ({ id }) => id,
    newestFirst: true,
  },
  {
    name: 'targets of a version',
    path: (p) => `/versions/${VERSION}/targets?project=${p}&`,
    idOf: ({ target }) => target,
  },
  { name: 'events', path: (p) => `/events?project=${p}&`, idOf: ({ position }) => position },
];

/** As the database compares: by bytes, or as numbers. */
const isBefore = (a: string | number, b: string | number): boolean =>
  typeof a === 'number' ? a < (b as number) : Buffer.compare(Buffer.from(a), Buffer.from(String(b))) < 0;

/** A target with a deployment that every list has; answers the position after it. */
const add = async (project: string, key: string, sha: string): Promise<number> => {
  await api.call(`${API}/projects/${project}/targets`, { body: { key } });
  const body = { version: VERSION, commitRefs: [{ repository: 'shop', branch: 'main', commit: sha }] };
  const at = `${API}/projects/${project}/targets/${encodeURIComponent(key)}/finish`;
  const answer = await api.call(at, { body });
  expect(answer.status).toBe(201);
  return answer.body.position;
};

/** The pages of a list from its first to its last, each asked for when `between` has added something. */
const walk = async (
  path: string,
  idOf: List['idOf'],
  between: () => Promise<void>,
): Promise<Array<string | number>> => {
  const seen: Array<string | number> = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, headers, body }: Reply = await api.call(next);
    expect([next, status]).toEqual([next, 200]);
    seen.push(...body.items.map(idOf));
    const link: string | undefined = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    expect(link === undefined).toBe(body.nextCursor === null);
    await between();
    next = link?.slice(api.server.url.length);
  }
  return seen;
};

describe('Pages stay right while others are added', () => {
  it.each(lists)(
    'of $name',
    async ({ path, idOf, newestFirst }) => {
      await fc.assert(
        fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 3 }), async (there, coming, limit) => {
          const project = unique('pages');
          const sha = unique(COMMIT);
          let position = 0;
          for (const key of there) position = await add(project, key, sha);
          const list = `${API}${path(project, sha)}`;
          const all = () => walk(`${list}limit=200&min_position=${position}`, idOf, async () => undefined);
          const before = await all();
          const more = coming.filter((key) => !there.includes(key));
          const seen = await walk(`${list}limit=${limit}&min_position=${position}`, idOf, async () => {
            const key = more.shift();
            if (key !== undefined) position = await add(project, key, sha);
          });
          const after = await all();
          // Each once, in order; all that was there throughout; nothing that never was.
          for (const [index, id] of seen.slice(1).entries())
            expect(newestFirst ? isBefore(id, seen[index]!) : isBefore(seen[index]!, id)).toBe(true);
          expect(before.filter((id) => !seen.includes(id))).toEqual([]);
          expect(seen.filter((id) => !after.includes(id))).toEqual([]);
        }),
        { numRuns: 10 },
      );
    },
    120_000,
  );

  it('of projects', async () => {
    const names = Array.from({ length: 6 }, () => unique('walked')).sort();
    let position = 0;
    for (const name of [names[1]!, names[3]!, names[4]!]) position = await add(name, 'a', COMMIT);
    const later = [names[5]!, names[0]!, names[2]!];
    const own = (ids: Array<string | number>) => ids.filter((id) => String(id).startsWith('walked'));
    const seen = await walk(
      `${API}/projects?limit=1&min_position=${position}`,
      ({ key }) => key,
      async () => {
        const name = later.shift();
        if (name !== undefined) position = await add(name, 'a', COMMIT);
      },
    );
    expect(own(seen)).toEqual(expect.arrayContaining([names[1], names[3], names[4]]));
    expect(new Set(seen).size).toBe(seen.length);
    expect(own(seen)).toEqual([...own(seen)].sort());
  }, 60_000);
});

describe('Every list', () => {
  it.each(lists)('takes 1 to 200 items a page and nothing else: $name', async ({ path }) => {
    const project = unique('limits');
    await add(project, 'a', COMMIT);
    const position = await add(project, 'b', COMMIT);
    const list = `${API}${path(project, COMMIT)}min_position=${position}`;
    for (const limit of ['1', '200']) expect((await api.call(`${list}&limit=${limit}`)).status).toBe(200);
    for (const limit of ['0', '201', '-1', '1.5', '', '1e2', '050x', 'all'])
      expect([limit, (await api.call(`${list}&limit=${limit}`)).status]).toEqual([limit, 400]);
    expect((await api.call(`${list}&limit=1&limit=2`)).status).toBe(400);
    expect((await api.call(`${list}&nonsense=1`)).status).toBe(400);
  });
});

describe('Every read', () => {
  it('waits five seconds for a position that is far ahead, then is 503', async () => {
    const { paths } = (await api.call('/openapi.json')).body;
    const reads = Object.entries<Loose>(paths).flatMap(([path, { get }]) =>
      path.startsWith(API) && get ? [[path, get.parameters] as const] : [],
    );
    expect(reads.length).toBeGreaterThan(20);
    // Of most reads they are moments, of a proof they are sizes of the log.
    const period = 'from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z';
    const sizes = 'from=1&to=1';
    const answers = reads.map(async ([path, parameters]) => {
      expect([path, parameters.map(({ name }: Loose) => name)]).toEqual([
        path,
        expect.arrayContaining(['min_position']),
      ]);
      const more = parameters.some(({ required: is, in: place }: Loose) => is && place === 'query')
        ? `&${path.startsWith(`${API}/audit/`) ? sizes : period}`
        : '';
      const at = `${path.replaceAll(/\{\w+\}/g, '1')}?min_position=${Number.MAX_SAFE_INTEGER}${more}`;
      const begun = performance.now();
      const { status, headers, body } = await api.call(at);
      expect([path, status, body.code, headers.get('retry-after')]).toEqual([path, 503, 'view_behind', '1']);
      expect(performance.now() - begun).toBeGreaterThan(4_900);
    });
    await Promise.all(answers);
  }, 20_000);
});

it('The next page has an address, however the client wrote the last one', async () => {
  const project = `<${unique('pages')}>`;
  for (const key of ['a', 'b']) await add(project, key, unique(COMMIT));
  const { headers } = await exchange(api.server.url, {
    path: `${API}/projects/${project}/targets?limit=1&min_position=${await add(project, 'c', unique(COMMIT))}`,
    token: TOKEN,
  });
  const [, next] = /^<([^<>]+)>; rel="next"$/.exec(String(headers['link']))!;
  expect(next).toContain(`/projects/${encodeURIComponent(project)}/targets?`);
  expect((await api.call(next!.slice(api.server.url.length))).body.items).toMatchObject([{ key: 'b' }]);
});
