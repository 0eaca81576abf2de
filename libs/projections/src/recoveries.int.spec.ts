import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PlacedEvent } from '#domain';
import { create, finish, refs, start, timeOut } from '#domain/testing';
import { createPool, type EventStore, type StoredEvent, type StreamRange } from '#event-store';
import { currentOf } from './current.js';
import { projections } from './projections.js';
import { rebuild } from './rebuild.js';
import { aPlace, toLogEvents, World, type Place } from './testing/world.js';

const LONG = 300_000;
const request = { version: '1', commitRefs: refs('main@abc') };

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

/** A target whose only deployment has failed by time-out. */
const timedOut = async (): Promise<Place> => {
  const place = aPlace();
  await world.send(place, create({ failing: { enabled: true, afterMinutes: 1 } }), start(request), timeOut(1));
  return place;
};

/** Has the stream go on with so many changes of the target. */
const lengthen = async (place: Place, by: number): Promise<void> => {
  await world.pool.query(
    `insert into events (position, recorded_at, occurred_at, id, version, stream, type, command_id, data, metadata)
     select log.position + n, now(), now(), gen_random_uuid(), streams.version + n, stream, 'TargetChanged', n, data, metadata
       from log, streams join events using (stream), generate_series(1, $2::integer) as n
      where stream = $1 and events.version = 1`,
    [place.stream, by],
  );
  await count(place, by);
};

/** Says of the log and the stream that they have so many more events. */
const count = ({ stream }: Place, more: number) =>
  world.pool.query(
    `with counted as (update log set position = position + $2 returning position)
     update streams set version = version + $2, position = counted.position from counted where stream = $1`,
    [stream, more],
  );

/** Writes an event behind those that its stream was lengthened by. */
const appendBehind = async (place: Place, { type, data, actor, occurredAt }: PlacedEvent) => {
  const { rows } = await world.pool.query(
    `insert into events (position, recorded_at, occurred_at, id, version, stream, type, command_id, data, metadata)
     select log.position + 1, now(), $3, gen_random_uuid(), version + 1, stream, $2, 'late', $4, $5
       from log, streams where stream = $1 returning position`,
    [place.stream, type, occurredAt, JSON.stringify(data), JSON.stringify({ actor })],
  );
  await count(place, 1);
  return (await world.store.readAll(rows[0].position - 1, 1))[0];
};

/** The store, with something that sees or holds up each reading of a stream. */
const storeThat = (store: EventStore, onRead: (events: readonly StoredEvent[]) => unknown): EventStore =>
  new Proxy(store, {
    get: (real, name) => {
      const found = Reflect.get(real, name);
      if (typeof found !== 'function') return found;
      if (name !== 'readStream') return found.bind(real);
      return async (stream: string, range: StreamRange) => {
        const events = await real.readStream(stream, range);
        await onRead(events);
        return events;
      };
    },
  });

describe('A deployment that recovers', () => {
  it('is found by its own events, however long the stream is', async () => {
    const place = await timedOut();
    await lengthen(place, LONG);
    const recovery = await appendBehind(place, world.decide(place, [finish(request)])[0]!);
    let [read, statements] = [0, 0];
    const counting = storeThat(world.store, (events) => {
      read += events.length;
      statements += 1;
    });
    const [event] = await toLogEvents(counting, [recovery!]);
    expect(event!.recovers).toMatchObject({ number: 1, status: 'failed', commitRefs: request.commitRefs });
    expect(read).toBe(3);
    expect(statements).toBeLessThanOrEqual(LONG / 10_000 + 1);
  }, 60_000);

  it('is looked for no further than it was created', async () => {
    const place = aPlace();
    await world.send(place, create({ failing: { enabled: true, afterMinutes: 1 } }));
    for (let version = 0; version < 20; version += 1) await world.send(place, finish({ version: `before-${version}` }));
    await world.send(place, start(request), timeOut(21), finish(request));
    const stored = await world.store.readStream(place.stream);
    let read = 0;
    const [event] = await toLogEvents(
      storeThat(world.store, (events) => (read += events.length)),
      stored.slice(-1),
    );
    expect(event!.recovers).toMatchObject({ number: 21, status: 'failed' });
    expect(read).toBe(3);
  });

  it('stops no view, however long it is looked for', async () => {
    const world = await World.create();
    const place = aPlace();
    await world.send(place, create({ failing: { enabled: true, afterMinutes: 1 } }), start(request), timeOut(1));
    await world.catchUp();
    const position = await world.send(place, finish(request));
    const pool = createPool({ connectionString: world.url, max: 4, idleTransactionMs: 3_000 });
    const store = storeThat(world.store, () => sleep(4_500));
    const views = projections.filter(({ name }) => name === 'current');
    const runner = world.runner({ pool, store, projections: views });
    await runner.start();
    expect(await runner.waitForPosition(['current'], position, 8_000)).toBe(true);
    await runner.stop();
    expect(await rebuild(views[0]!, { pool, log: store })).toBe(position);
    expect((await currentOf(world.pool, [place.stream])).get(place.stream)).toMatchObject({ number: 1 });
    await pool.end();
    await world.close();
  }, 60_000);
});
