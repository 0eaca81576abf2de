import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMinutes } from '#domain';
import {
  BEGINNING,
  change,
  create,
  due,
  finish,
  refs,
  schedule,
  start,
  timeOut,
  remove,
  cancel,
} from '#domain/testing';
import { dueDeadlines } from './deadlines.js';
import { aPlace, World, type Place } from './testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const LONG_AGO = '2020-01-01T00:00:00.000000Z';
/** Half an hour on the clock of the commands: what hangs at once hangs, what fails after an hour does not yet. */
const SOON = addMinutes(BEGINNING, 30);
const FAR = '9000-01-01T00:00:00.000000Z';
/** Shorter than any test takes. */
const AT_ONCE = 0.000_001;
const enabled = (afterMinutes: number) => ({ enabled: true, afterMinutes });

const dueOf = async ({ stream }: Place) => {
  await world.catchUp();
  return (await dueDeadlines(world.pool, 1_000)).filter((deadline) => deadline.stream === stream);
};
const recordedAt = async ({ stream }: Place, version: number) =>
  (await world.store.readStream(stream, { after: version - 1, limit: 1 }))[0]!.recordedAt;

describe('deadlines', () => {
  it('say what is due with the clock that set it, by the database clock', async () => {
    const place = aPlace();
    await world.send(place, create({ hanging: enabled(AT_ONCE), failing: enabled(60) }), start({ version: '1' }));
    const [deadline, ...others] = await dueOf(place);
    const clockSetAt = await recordedAt(place, 2);
    expect(others).toEqual([]);
    expect(deadline).toEqual({
      ...{ stream: place.stream, project: place.project, target: place.key, number: 1, kind: 'time-out' },
      ...{ clockVersion: 2, clockSetAt, setVersion: 2, deadline: addMinutes(clockSetAt, AT_ONCE) },
      now: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
    expect(deadline!.now >= deadline!.deadline).toBe(true);
  });

  it('are never early', async () => {
    const place = aPlace();
    // Two seconds: enough for a slow machine to look before.
    await world.send(place, create({ failing: enabled(2 / 60) }), start({ version: '1' }));
    await world.catchUp();
    const deadline = addMinutes(await recordedAt(place, 2), 2 / 60);
    for (let looks = 0; ; looks += 1) {
      const before = (await world.store.head()).now;
      const found = (await dueDeadlines(world.pool, 1_000)).filter(({ stream }) => stream === place.stream);
      const after = (await world.store.head()).now;
      if (found.length > 0) {
        expect(after >= deadline).toBe(true);
        expect(found[0]!.now >= deadline).toBe(true);
        expect(looks).toBeGreaterThan(0);
        break;
      }
      expect(before < deadline).toBe(true);
    }
  });

  it('of hanging and failing name the first, then the other', async () => {
    const place = aPlace();
    await world.send(
      place,
      create({ hanging: enabled(AT_ONCE), failing: enabled(2 * AT_ONCE) }),
      start({ version: '1' }),
    );
    const clockSetAt = await recordedAt(place, 2);
    expect(await dueOf(place)).toMatchObject([{ deadline: addMinutes(clockSetAt, AT_ONCE) }]);
    await world.send(
      place,
      change({ failing: enabled(60) }),
      timeOut(1, SOON),
      change({ failing: enabled(3 * AT_ONCE) }),
    );
    expect(await dueOf(place)).toMatchObject([
      { clockVersion: 2, setVersion: 5, deadline: addMinutes(clockSetAt, 3 * AT_ONCE) },
    ]);
    await world.send(place, timeOut(1));
    expect(await dueOf(place)).toEqual([]);
  });

  it('are set anew at once by changed settings, also where none was enabled when it started', async () => {
    const place = aPlace();
    await world.send(place, create(), start({ version: '1', commitRefs: refs('main@a') }));
    expect(await dueOf(place)).toEqual([]);
    await world.send(place, change({ failing: enabled(AT_ONCE) }));
    const clockSetAt = await recordedAt(place, 2);
    expect(await dueOf(place)).toMatchObject([{ clockVersion: 2, clockSetAt, setVersion: 3 }]);
    await world.send(place, change({ failing: enabled(60) }));
    expect(await dueOf(place)).toEqual([]);
    await world.send(place, change({ failing: { enabled: false, afterMinutes: AT_ONCE } }));
    expect(await dueOf(place)).toEqual([]);
  });

  it('keep the clock of what is replaced, and set that of what hangs and is started again', async () => {
    const place = aPlace();
    const failing = { failing: enabled(AT_ONCE), hanging: enabled(AT_ONCE / 2) };
    await world.send(
      place,
      create(failing),
      start({ version: '1', commitRefs: refs('main@a') }),
      start({ version: '2', commitRefs: refs('main@b') }),
    );
    expect(await dueOf(place)).toMatchObject([{ clockVersion: 2, setVersion: 2 }]);
    await world.send(
      place,
      change({ failing: enabled(60) }),
      timeOut(1, SOON),
      start({ commitRefs: refs('main') }),
      change({ failing: enabled(AT_ONCE) }),
    );
    expect(await dueOf(place)).toMatchObject([{ clockVersion: 6, clockSetAt: await recordedAt(place, 6) }]);
  });

  it('of a schedule come once for each time, also of one in the past', async () => {
    const place = aPlace();
    await world.send(place, create(), schedule({ version: '1', commitRefs: refs('main@a'), scheduledFor: LONG_AGO }));
    expect(await dueOf(place)).toMatchObject([
      { kind: 'due', number: 1, dueVersion: 2, setVersion: 2, deadline: LONG_AGO },
    ]);
    await world.send(place, due(1));
    expect(await dueOf(place)).toEqual([]);
    await world.send(place, schedule({ commitRefs: refs('main'), scheduledFor: FAR }));
    expect(await dueOf(place)).toEqual([]);
    await world.send(place, schedule({ commitRefs: refs('main'), scheduledFor: LONG_AGO }));
    expect(await dueOf(place)).toMatchObject([{ kind: 'due', dueVersion: 5 }]);
  });

  it('end with what waited for them', async () => {
    const [finished, canceled, gone] = [aPlace(), aPlace(), aPlace()];
    await world.send(
      finished,
      create({ failing: enabled(AT_ONCE) }),
      start({ version: '1' }),
      finish({ version: '1' }),
    );
    await world.send(canceled, create(), schedule({ version: '1', scheduledFor: LONG_AGO }), cancel({ version: '1' }));
    await world.send(gone, create(), schedule({ version: '1', scheduledFor: LONG_AGO }), remove());
    for (const place of [finished, canceled, gone]) expect(await dueOf(place)).toEqual([]);
  });

  it('come in the order in which they were due, the first ones first', async () => {
    const places = ['b', 'c', 'a'].map((key) => aPlace(undefined, key));
    for (const [index, place] of places.entries()) {
      await world.send(
        place,
        create(),
        schedule({ version: '1', scheduledFor: `2019-01-0${index + 1}T00:00:00.000000Z` }),
      );
    }
    await world.catchUp();
    expect((await dueDeadlines(world.pool, 2)).map(({ stream }) => stream)).toEqual([
      places[0]!.stream,
      places[1]!.stream,
    ]);
  });
});
