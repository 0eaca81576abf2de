import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Time } from '#domain';
import { create, remove, retire, sentAt } from '#domain/testing';
import type { Queryable } from '#event-store';
import { listDifferences } from './differences.js';
import { createLookups } from './lookups.js';
import type { Axis } from './tenures-fold.js';
import { aPlace, finished, minute, retyped, World, type Place } from './testing/world.js';
import { listCurrentAt } from './time-travel.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const page = { limit: 50 };

const versionAt = async ({ project, key }: Place, by: Axis, at?: Time): Promise<string | null | undefined> => {
  const current = await createLookups(world.pool).getCurrentAt(project, key, { by, at });
  return current && JSON.parse(current).version;
};
const recordedAt = async ({ stream }: Place): Promise<Time[]> =>
  (await world.log()).filter((event) => event.stream === stream).map((event) => event.recordedAt);

describe('What was current', () => {
  it('is told in two orders, and a late report changes the one and not the other', async () => {
    const place = aPlace();
    await world.send(place, create(), finished('1', 10));
    await world.send(place, finished('3', 30));
    await world.catchUp();
    const [, first, , third] = await recordedAt(place);
    expect(await versionAt(place, 'occurred', minute(20))).toBe('1');
    await world.send(place, finished('2', 20));
    await world.catchUp();
    expect(await versionAt(place, 'occurred', minute(20))).toBe('2');
    expect(await versionAt(place, 'occurred', minute(19.99))).toBe('1');
    expect(await versionAt(place, 'occurred')).toBe('3');
    expect(await versionAt(place, 'recorded', first)).toBe('1');
    expect(await versionAt(place, 'recorded', third)).toBe('3');
    expect(await versionAt(place, 'recorded')).toBe('2');
  });

  it('is nothing before the first event, and no target where there is none now', async () => {
    const place = aPlace();
    await world.send(place, create(), finished('1', 10));
    await world.catchUp();
    const [created] = await recordedAt(place);
    expect(await versionAt(place, 'recorded', '0001-01-01T00:00:00.000000Z')).toBeNull();
    expect(await versionAt(place, 'recorded', created)).toBe('1');
    expect(await versionAt(aPlace(), 'recorded', created)).toBeUndefined();
    await world.send(place, remove());
    await world.catchUp();
    expect(await versionAt(place, 'recorded', created)).toBeUndefined();
    const filters = { projects: [place.project] };
    const list = (at?: Time) => listCurrentAt(world.pool, { by: 'recorded', at }, filters, page);
    const { items } = await list(created);
    expect(items).toMatchObject([{ target: place.key }]);
    expect(JSON.parse(items[0]!.deployment)).toMatchObject({ version: '1' });
    expect((await list()).items).toEqual([]);
  });

  it('is of the type that the target had then', async () => {
    const place = aPlace();
    await world.send(place, create(), finished('1', 10));
    await world.send(place, retyped('staging', 20));
    await world.catchUp();
    const typed = async (environmentType: 'unmapped' | 'staging', at: number) => {
      const filters = { projects: [place.project], environmentType };
      return (await listCurrentAt(world.pool, { by: 'occurred', at: minute(at) }, filters, page)).items.length;
    };
    expect([await typed('unmapped', 19), await typed('staging', 19)]).toEqual([1, 0]);
    expect([await typed('unmapped', 20), await typed('staging', 20)]).toEqual([0, 1]);
  });
});

describe('A point that comes late', () => {
  const rowsOf = async ({ stream }: Place): Promise<Array<{ at: Time; type: string; written: string }>> => {
    const { rows } = await world.pool.query(
      `select to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, environment_type as type, xmin::text as written
         from tenures where stream = $1 and axis = 'occurred' and since > '-infinity' order by since`,
      [stream],
    );
    return rows;
  };
  const aLongHistory = async (): Promise<Place> => {
    const place = aPlace();
    await world.send(place, sentAt(minute(0), create()));
    await world.send(place, ...Array.from({ length: 500 }, (_, count) => finished(`${count}`, 10 + count)));
    await world.catchUp();
    return place;
  };

  it('has no more rows written than change by it', async () => {
    const place = await aLongHistory();
    const before = await rowsOf(place);
    await world.send(place, finished('late', 100.5));
    await world.catchUp();
    const after = await rowsOf(place);
    expect(after).toHaveLength(before.length + 1);
    const same = after.filter(({ at, written }) => before.some((row) => row.at === at && row.written === written));
    expect(same).toHaveLength(before.length);
  });

  it('changes all that stands behind it, however much that is', async () => {
    const place = await aLongHistory();
    await world.send(place, retyped('staging', 5));
    await world.catchUp();
    const rows = await rowsOf(place);
    expect(rows.map(({ type }) => type)).toEqual(['unmapped', ...Array.from({ length: 501 }, () => 'staging')]);
  });
});

describe('The difference between two moments', () => {
  const differences = (place: Place, from: number, to: number, more: object = {}) =>
    listDifferences(
      world.pool,
      { projects: [place.project], from: minute(from), to: minute(to), by: 'occurred', ...more },
      page,
    ).then(({ items }) => items);

  it('is what was current before and after, for how long, and how often that changed', async () => {
    const place = aPlace();
    await world.send(
      place,
      create(),
      finished('1', 10),
      finished('2', 20),
      finished('3', 30),
      sentAt(minute(40), retire(3)),
    );
    await world.catchUp();
    expect(await differences(place, 15, 35)).toMatchObject([
      {
        ...{ project: place.project, target: place.key, changes: 2, actor: { id: 'ci' } },
        before: { deployment: { version: '1' }, since: minute(10), until: minute(20), seconds: 600 },
        after: { deployment: { version: '3' }, since: minute(30), until: minute(40), seconds: 600 },
      },
    ]);
    expect(await differences(place, 5, 10)).toMatchObject([{ before: null, after: { deployment: { version: '1' } } }]);
    expect(await differences(place, 39, 40)).toMatchObject([{ before: { deployment: { version: '3' } }, after: null }]);
    expect(await differences(place, 5, 45)).toEqual([]);
    expect(await differences(place, 10, 19)).toEqual([]);
  });

  it('is bounded by what the reader may see', async () => {
    const place = aPlace();
    await world.send(place, create(), finished('1', 10));
    await world.catchUp();
    expect(await differences(place, 5, 15)).toHaveLength(1);
    expect(await differences(place, 5, 15, { projects: [] })).toEqual([]);
    expect(await differences(place, 5, 15, { projects: ['another'], project: place.project })).toEqual([]);
  });
});

describe('With many targets and much behind them', () => {
  const [TARGETS, TENURES] = [5_000, 12];
  beforeAll(async () => {
    const stream = `'target:many/t' || t`;
    await world.pool.query(
      `insert into tenures (stream, axis, since, version, number, began, environment_type, actor, body, changed, points)
       select ${stream}, axis, timestamptz '2026-01-01Z' + n * interval '1 day', n, n, timestamptz '2026-01-01Z' + n * interval '1 day',
              'production', '{"id":"ci","kind":"service"}', json_build_object('number', n, 'filler', repeat('x', 300)), true, '[]'
         from generate_series(1, ${TARGETS}) as t, generate_series(1, ${TENURES}) as n, unnest(array['recorded', 'occurred']) as axis`,
    );
    // Nine of ten were retired long ago.
    await world.pool.query(
      `insert into tenures (stream, axis, since, version, began, environment_type, actor, body, changed, points, project, key, begins, ends, state)
       select ${stream}, axis, '-infinity', 0, '-infinity', 'unmapped', 'null', 'null', false, '[]', 'many', 't' || t,
              '2026-01-01Z', case when t % 10 = 0 then 'infinity' else timestamptz '2026-01-20Z' end, '{}'
         from generate_series(1, ${TARGETS}) as t, unnest(array['recorded', 'occurred']) as axis`,
    );
    await world.pool.query('analyze tenures');
  }, 60_000);

  type Plan = Readonly<{
    'Node Type': string;
    'Index Cond'?: string;
    'Actual Loops': number;
    'Actual Rows': number;
    Plans?: Plan[];
  }>;

  /** Each node of the plan as it was carried out: its type and condition, and how often it ran. */
  const carriedOut = async (ask: (database: Queryable) => Promise<unknown>) => {
    const nodes: Array<{ node: string; loops: number }> = [];
    const walk = (plan: Plan): void => {
      nodes.push({ node: `${plan['Node Type']}, ${plan['Index Cond'] ?? ''}`, loops: plan['Actual Loops'] });
      plan.Plans?.forEach(walk);
    };
    await ask({
      query: async (text, values) => {
        const { rows } = await world.pool.query(`explain (analyze, format json) ${text}`, values);
        walk(rows[0]['QUERY PLAN'][0].Plan);
        return { rows: [], rowCount: 0 };
      },
    });
    return nodes;
  };

  const looksOnceATarget = (nodes: Awaited<ReturnType<typeof carriedOut>>, targets: number): void => {
    expect(nodes.filter(({ node }) => /^(Seq Scan|Sort)/.test(node))).toEqual([]);
    expect(nodes).toContainEqual({ node: expect.stringMatching(/axis = .*begins <= .*ends > /), loops: 1 });
    const looks = nodes.filter(({ node }) => /stream = .*axis = .*since <= /.test(node));
    expect(looks.length).toBeGreaterThan(0);
    for (const { loops } of looks) expect(loops).toBeLessThanOrEqual(targets);
  };

  it('a page looks once at each target that it shows, and passes by those that ran nothing then', async () => {
    for (const by of ['recorded', 'occurred'] as const) {
      for (const at of ['2026-01-10T00:00:00.000000Z', '2026-02-10T00:00:00.000000Z', undefined]) {
        const ask = (database: Queryable) => listCurrentAt(database, { by, at }, { projects: '*' }, page);
        looksOnceATarget(await carriedOut(ask), page.limit + 1);
      }
    }
    const next = (database: Queryable) =>
      listCurrentAt(database, { by: 'recorded' }, { projects: '*' }, { ...page, after: ['many', 't3'] });
    looksOnceATarget(await carriedOut(next), page.limit + 1);
    const within = (database: Queryable) => listCurrentAt(database, { by: 'recorded' }, { projects: ['many'] }, page);
    looksOnceATarget(await carriedOut(within), page.limit + 1);
  });

  it('differences are found by two looks at each target', async () => {
    const moments = { from: '2026-01-03T00:00:00.000000Z', to: '2026-01-06T00:00:00.000000Z' } as const;
    const ask = (database: Queryable) => listDifferences(database, { projects: '*', by: 'recorded', ...moments }, page);
    const nodes = await carriedOut(ask);
    expect(nodes.filter(({ node }) => node.startsWith('Seq Scan'))).toEqual([]);
    for (const { loops } of nodes) expect(loops).toBeLessThanOrEqual(page.limit + 1);
  });
});
