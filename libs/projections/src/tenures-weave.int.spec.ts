import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BEGINNING, create, retire, sentAt, type Sending } from '#domain/testing';
import { inTransaction, type Queryable } from '#event-store';
import type { LogEvent } from './log-events.js';
import { Site } from './site.js';
import { tenures } from './tenures.js';
import { aPlace, finished, minute, retyped, toLogEvents, World, type Place } from './testing/world.js';

const LINE = 20_000;

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

/** The events that these make, as a page has them. */
const sent = async (place: Place, sendings: readonly Sending[]): Promise<LogEvent[]> => {
  const { position } = await world.store.head();
  await world.append(place, world.decide(place, sendings, false));
  return toLogEvents(world.store, await world.store.readAll(position, 10_000));
};

/** How many rows are read and written when the view applies a page. */
const rowsFor = (page: readonly LogEvent[]): Promise<number> =>
  inTransaction(world.pool, async (tx) => {
    let rows = 0;
    const counting: Queryable = {
      query: async (text, values) => {
        const result = await tx.query(text, values);
        rows += result.rowCount ?? 0;
        return result;
      },
    };
    await tenures.projector().apply(counting, page);
    return rows;
  });

describe('Points of one page that lie far apart', () => {
  /** Between the minutes 10 and 1,000,000 something else became current each minute. */
  const aLongLine = async (): Promise<Place> => {
    const place = aPlace();
    const page = await sent(place, [sentAt(minute(0), create()), finished('first', 10), finished('last', 1_000_000)]);
    await rowsFor(page);
    await world.pool.query(
      `insert into tenures (stream, axis, since, version, number, began, environment_type, actor, body, changed, points)
       select stream, axis, since + n * interval '1 minute', 100 + n, 100 + n, since + n * interval '1 minute', environment_type,
              actor, jsonb_set(body::jsonb, '{number}', to_jsonb(100 + n)), true,
              json_build_array(json_build_object('version', 100 + n, 'actor', actor, 'kind', 'becomes'))
         from tenures, generate_series(1, $2::integer) as n where stream = $1 and axis = 'occurred' and number = 1`,
      [place.stream, LINE],
    );
    return place;
  };

  it('bring what stands around each, and not all in between', async () => {
    const place = await aLongLine();
    const page = await sent(place, [finished('early', 5), finished('middle', 9_000.5), finished('now', 1_000_001)]);
    expect(await rowsFor(page)).toBeLessThan(150);
    const { rows } = await world.pool.query(
      `select (extract(epoch from since - $2::timestamptz) / 60)::float8 as minute, number from tenures
        where stream = $1 and axis = 'occurred' and number < 100 order by since`,
      [place.stream, BEGINNING],
    );
    expect(rows).toEqual([
      { minute: 5, number: 3 },
      { minute: 10, number: 1 },
      { minute: 9_000.5, number: 4 },
      { minute: 1_000_000, number: 2 },
      { minute: 1_000_001, number: 5 },
    ]);
  }, 60_000);

  it('change all behind an early one where they must, a stretch at a time', async () => {
    const place = await aLongLine();
    await rowsFor(await sent(place, [retyped('staging', 5), finished('middle', 9_000.5)]));
    const { rows } = await world.pool.query(
      `select environment_type as type, count(*)::integer as moments from tenures
        where stream = $1 and axis = 'occurred' and since > '-infinity' group by 1 order by 1`,
      [place.stream],
    );
    // One is of minute 0; the others are the long line, the two at its ends, the new one and the change itself.
    expect(rows).toEqual([
      { type: 'staging', moments: LINE + 4 },
      { type: 'unmapped', moments: 1 },
    ]);
  }, 60_000);
});

describe('Points that come in any order', () => {
  const sending = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }).map((at) => finished(`${at}`, at)) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }).map((at) => retyped(at % 2 ? 'staging' : 'testing', at)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 60 }))
        .map(([at, number]) => sentAt(minute(at), retire(number))),
    },
  );
  const rowsOf = (pages: readonly (readonly LogEvent[])[]): Promise<object[]> =>
    inTransaction(world.pool, async (tx) => {
      await (await Site.begin(tx, 'tenures')).giveIndexes();
      for (const page of pages) await tenures.projector().apply(tx, page);
      const { rows } = await tx.query('select to_jsonb(t) as row from tenures t order by stream, axis, since');
      await tx.query('select abandon_build()');
      return rows.map(({ row }) => row);
    });

  it('make the same of a long line in pages of a few as in one page', async () => {
    const histories = fc.array(sending, { minLength: 60, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 5 }), async (sendings, size) => {
        const events = await sent(aPlace(), [sentAt(minute(0), create()), ...sendings]);
        const pages = Array.from({ length: Math.ceil(events.length / size) }, (_, page) =>
          events.slice(page * size, (page + 1) * size),
        );
        expect(await rowsOf(pages)).toEqual(await rowsOf([events]));
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
