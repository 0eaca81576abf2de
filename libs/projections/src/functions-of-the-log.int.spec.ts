import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evolve, evolveDeployment, fromEpochMillis, initialTarget, type Deployment, type Target } from '#domain';
import { inTransaction } from '#event-store';
import type { LogEvent } from './log-events.js';
import type { Projection } from './projection.js';
import { projections } from './projections.js';
import { rebuild } from './rebuild.js';
import { Site } from './site.js';
import { histories } from './testing/histories.js';
import { aPlace, toLogEvents, World, type Place } from './testing/world.js';
import { verify } from './verify.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

type Pages = readonly (readonly LogEvent[])[];

/** Rows of a view that was empty before `fill`. */
const rowsAfter = (projection: Projection, fill: (site: Site) => Promise<void>): Promise<object[]> =>
  inTransaction(world.pool, async (tx) => {
    const site = await Site.begin(tx, projection.name);
    await fill(site);
    const { rows } = await tx.query(`select to_jsonb(t) as row from ${projection.name} t order by to_jsonb(t)`);
    await tx.query('select abandon_build()');
    return rows.map(({ row }) => row);
  });

/** Rows that these pages make of an empty view, with no more than so many bytes of rows remembered from page to page. */
const rowsOf = (projection: Projection, pages: Pages, mostBytes?: number): Promise<object[]> =>
  rowsAfter(projection, async (site) => {
    await site.giveIndexes();
    const projector = projection.projector(mostBytes);
    for (const page of pages) await projector.apply(site.tx, page);
  });

/** Rows that are built of them, with no more than so many bytes of rows in memory. */
const rowsBuiltOf = (projection: Projection, pages: Pages, mostBytes: number): Promise<object[]> =>
  rowsAfter(projection, async (site) => {
    const build = projection.build!(site, mostBytes);
    for (const page of pages) await build.add(page);
    await build.end();
  });

const split = <Item>(items: readonly Item[], sizes: readonly number[]): Item[][] => {
  const pages: Item[][] = [];
  for (let from = 0; from < items.length; from += sizes[(pages.length - 1) % sizes.length]!) {
    pages.push(items.slice(from, from + sizes[pages.length % sizes.length]!));
  }
  return pages;
};

describe('Views are functions of the log', () => {
  it('whatever pages it is applied in, and as the domain folds it with its whole history', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
    const mostBytes = fc.constantFrom(0, 2_000, 20_000, Infinity);
    await fc.assert(
      fc.asyncProperty(histories, sizes, mostBytes, async (sent, pageSizes, most) => {
        const { position: before } = await world.store.head();
        const places = sent.map(() => aPlace());
        const decided = places.map((place, index) => world.decide(place, sent[index]!, false));
        // In turn, so that the streams lie across one another in the log.
        for (let from = 0; decided.some((events) => from < events.length); from += 3) {
          for (const [index, place] of places.entries())
            await world.append(place, decided[index]!.slice(from, from + 3));
        }
        const stored = await world.store.readAll(before, 10_000);
        const whole = await toLogEvents(world.store, stored);
        // Views share what they make of an event, so each way of going through the log has events of its own.
        const paged = () => Promise.all(split(stored, pageSizes).map((page) => toLogEvents(world.store, page)));
        const [pages, again] = [await paged(), await paged()];
        for (const projection of projections) {
          const rows = await rowsOf(projection, [whole]);
          expect(await rowsOf(projection, pages, most)).toEqual(rows);
          if (projection.build) expect(await rowsBuiltOf(projection, again, most)).toEqual(rows);
          expectedOf(projection.name)?.(places, whole, rows);
        }
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  it('in the order of positions, whatever the clock said when they were recorded', async () => {
    const hours = fc.infiniteStream(fc.integer({ min: -48, max: 48 }));
    await fc.assert(
      fc.asyncProperty(histories, hours, async (sent, skew) => {
        const { position: before } = await world.store.head();
        for (const commands of sent) {
          const place = aPlace();
          await world.append(place, world.decide(place, commands, false));
        }
        const stored = await world.store.readAll(before, 10_000);
        const events = await toLogEvents(world.store, stored);
        const skewed = (await toLogEvents(world.store, stored)).map((event) => ({
          ...event,
          recordedAt: fromEpochMillis(Date.parse(event.recordedAt) + skew.next().value * HOUR_MS),
        }));
        expect(skewed.length).toBeGreaterThan(0);
        // Tenures are of moments, which the log never has in another order than that of positions.
        for (const projection of projections.filter(({ name }) => name !== 'tenures'))
          expect(timeless(await rowsOf(projection, [skewed]))).toEqual(timeless(await rowsOf(projection, [events])));
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('so that a rebuilt view equals the live one, and verify finds nothing', async () => {
    await world.catchUp();
    for (const projection of projections) {
      const before = await world.rows(projection.name);
      expect(before.length).toBeGreaterThan(20);
      const { position } = await world.store.head();
      expect(await verify(projection, { pool: world.pool, log: world.store })).toEqual({
        ...{ position, rows: before.length, differing: 0, differences: [] },
      });
      expect(await rebuild(projection, { pool: world.pool, log: world.store })).toBe(position);
      expect(await world.rows(projection.name)).toEqual(before);
    }
  }, 60_000);
});

const HOUR_MS = 3_600_000;
const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g;

/** What rows say but for every moment in them. */
const timeless = (rows: readonly object[]): string[] =>
  rows.map((row) => JSON.stringify(row).replaceAll(MOMENT, '')).toSorted();

type Check = (places: readonly Place[], events: readonly LogEvent[], rows: readonly Row[]) => void;
/** As wide as the views' tables. */
// oxlint-disable-next-line typescript/no-explicit-any
type Row = any;

const expectedOf = (view: string): Check | undefined =>
  ({ current: checkCurrent, deployments: checkDeployments, commits: checkCommits })[view];

const checkCurrent: Check = (places, events, rows) => {
  for (const { project, key, stream } of places) {
    const { history: _, ...target }: Target = events
      .filter((event) => event.stream === stream)
      .reduce<Target>(evolve, initialTarget(project, key, { history: true }));
    const row = rows.find((each) => each.stream === stream);
    expect({ ...JSON.parse(row.state), current: row.deployment }).toEqual(
      JSON.parse(JSON.stringify({ ...target, formerCurrent: null, timedOut: [] })),
    );
    expect(row).toMatchObject({ alive: target.exists, runs: target.current !== null });
  }
};

const checkDeployments: Check = (places, events, rows) => {
  for (const { stream } of places) {
    const known = new Map<number, Deployment | null>();
    let shown = true;
    for (const event of events.filter((each) => each.stream === stream)) {
      if ('number' in event.data)
        known.set(event.data.number, evolveDeployment(known.get(event.data.number) ?? null, event));
      else shown = event.type !== 'TargetDeleted';
    }
    const kept = [...known.values()].filter((deployment) => deployment !== null);
    const found = rows.filter((row) => row.stream === stream).sort((a, b) => a.number - b.number);
    expect(found.map(({ body }) => body)).toEqual(JSON.parse(JSON.stringify(kept.sort((a, b) => a.number - b.number))));
    for (const row of found)
      expect(row).toMatchObject({ shown, id: row.body.created.position, status: row.body.status });
  }
};

const checkCommits: Check = (places, events, rows) => {
  for (const { stream } of places) {
    const known = new Map<number, Deployment | null>();
    for (const event of events.filter((each) => each.stream === stream)) {
      if (!('number' in event.data)) continue;
      const { number } = event.data;
      known.set(number, evolveDeployment(known.get(number) ?? null, event));
    }
    const shas = ({ commitRefs }: Deployment) => new Set(commitRefs.map(({ commit }) => commit ?? ''));
    const expected = [...known.values()].flatMap((each) =>
      each ? [...shas(each)].map((sha) => `${each.created.position}: ${sha}`) : [],
    );
    const found = rows.filter((row) => row.stream === stream).map(({ id, sha }) => `${id}: ${sha}`);
    expect(found.sort()).toEqual(expected.sort());
  }
};

describe('verify', () => {
  it('finds rows that were changed, that are missing, and that are too many', async () => {
    const { pool, store } = world;
    const view = projections.find(({ name }) => name === 'current')!;
    await world.catchUp();
    const streams = (await world.rows('current')).map((row) => (row as { stream: string }).stream);
    const [changed, missing, extra] = [streams[0]!, streams[1]!, aPlace().stream];
    await pool.query(`update current set state = state || ' ' where stream = $1`, [changed]);
    await pool.query('delete from current where stream = $1', [missing]);
    await pool.query(`insert into current select $1, 'p', 'k', 'testing', true, false, null, '{}', '{}', '[]', null`, [
      extra,
    ]);
    const { differing, differences } = await verify(view, { pool, log: store });
    expect(differing).toBe(3);
    expect(differences).toEqual(
      expect.arrayContaining([
        { live: expect.objectContaining({ stream: changed }), expected: expect.objectContaining({ stream: changed }) },
        { live: null, expected: expect.objectContaining({ stream: missing }) },
        { live: expect.objectContaining({ stream: extra }), expected: null },
      ]),
    );
    await rebuild(view, { pool, log: store });
    expect((await verify(view, { pool, log: store })).differing).toBe(0);
  }, 60_000);
});
