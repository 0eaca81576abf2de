import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMinutes, type Deployment, type Time } from '#domain';
import fc from 'fast-check';
import {
  cancel,
  change,
  create,
  deleteDeployment,
  fail,
  finish,
  remove,
  rollback,
  sentAt,
  start,
  timeOut,
  type Sent,
} from '#domain/testing';
import { readDora, type DoraFigures, type DoraPeriod } from './dora.js';
import { listDeployments } from './history.js';
import { histories } from './testing/histories.js';
import { aPlace, World, type Place } from './testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const MONDAY = '2026-11-16T00:00:00.000000Z';
const HOUR = 60;
const DAY = 24 * HOUR;
const at = (day: number, hour = 0): Time => addMinutes(MONDAY, day * DAY + hour * HOUR);
const week = { from: MONDAY, to: at(7) };
/** What happened on a day of that week, at this hour. */
const on = (day: number, hour: number, sent: Sent): Sent => sentAt(at(day, hour), sent);

const figuresOf = async (place: Place, period: Partial<DoraPeriod> = {}) => {
  await world.catchUp();
  const { project, key: target } = place;
  const { items } = await listDeployments(world.pool, { projects: '*', project }, { limit: 200 });
  const numbers = new Map(items.map(({ deployment }) => [deployment.created.position!, deployment.number]));
  const { whole } = await readDora(world.pool, { project, target, ...week, ...period });
  const named = (ids: readonly number[]) => ids.map((id) => numbers.get(id));
  return {
    days: whole.days,
    successes: named(whole.successes.deployments),
    changes: named(whole.changes.deployments),
    failures: named(whole.failures.deployments),
    restored: whole.restored.restorations.map(({ deployment, restoredBy, seconds }) => [
      numbers.get(deployment),
      restoredBy === null ? null : numbers.get(restoredBy),
      seconds === null ? null : seconds / 3600,
    ]),
    restoredIn: whole.restored.medianSeconds === null ? null : whole.restored.medianSeconds / 3600,
    lead: named(whole.lead.deployments),
    leadTime: whole.lead.medianSeconds === null ? null : whole.lead.medianSeconds / 3600,
  };
};

describe('The figures of delivery', () => {
  it('are null or none where nothing was decided', async () => {
    const place = aPlace();
    await world.send(place, create(), on(1, 0, start({ version: '1' })));
    expect(await figuresOf(place)).toEqual({
      ...{
        days: 7,
        successes: [],
        changes: [],
        failures: [],
        restored: [],
        restoredIn: null,
        lead: [],
        leadTime: null,
      },
    });
  });

  it('count a success when it became current, from the beginning of the period to just before its end', async () => {
    const place = aPlace();
    const moments = ['2026-11-15T23:59:59.999999Z', MONDAY, '2026-11-22T23:59:59.999999Z', at(7)];
    await world.send(place, create(), ...moments.map((moment) => sentAt(moment, finish({ version: moment }))));
    expect(await figuresOf(place)).toMatchObject({ successes: [3, 2], changes: [3, 2], failures: [] });
    expect(await figuresOf(place, { from: at(7), to: at(8.5) })).toMatchObject({ days: 1.5, successes: [4] });
  });

  it('count what failed as a failure until the next success, whoever brought it', async () => {
    const place = aPlace();
    await world.send(
      place,
      create(),
      on(0, 1, finish({ version: '1' })),
      on(1, 0, fail({ version: '2' })),
      on(1, 2, fail({ version: '3' })),
      on(1, 3, finish({ version: '4' })),
      on(6, 0, fail({ version: '5' })),
    );
    expect(await figuresOf(place)).toMatchObject({
      successes: [4, 1],
      changes: [5, 4, 3, 2, 1],
      failures: [5, 3, 2],
      restored: [
        [5, null, null],
        [3, 4, 1],
        [2, 4, 3],
      ],
      restoredIn: 2,
    });
    // A success behind the period ends a failure within it all the same.
    await world.send(place, on(8, 0, finish({ version: '6' })));
    expect((await figuresOf(place)).restored[0]).toEqual([5, 6, 48]);
  });

  it('count what was rolled back as a failure from when it became current, and the rollback as a success, but no change', async () => {
    const place = aPlace();
    await world.send(
      place,
      create(),
      on(0, 0, finish({ version: '1' })),
      on(2, 0, finish({ version: '2' })),
      on(2, 5, rollback()),
      on(2, 6, finish({})),
    );
    expect(await figuresOf(place)).toMatchObject({
      ...{ successes: [3, 2, 1], changes: [2, 1], failures: [2], restored: [[2, 3, 6]], restoredIn: 6 },
    });
    // The failure belongs to the period in which the change was delivered, not to that of the rollback.
    expect(await figuresOf(place, { from: at(2, 3) })).toMatchObject({ successes: [3], changes: [], failures: [] });
  });

  it('count no time-out that recovered, no canceled and no deleted deployment, and none of a deleted target', async () => {
    const place = aPlace();
    await world.send(
      place,
      create({ failing: { enabled: true, afterMinutes: 1 } }),
      on(0, 0, start({ version: '1' })),
      timeOut(1),
      on(0, 2, finish({ version: '1' })),
      on(1, 0, start({ version: '2' })),
      on(1, 1, cancel({ version: '2' })),
      on(2, 0, fail({ version: '3' })),
      change({ failing: { enabled: false } as never }),
      deleteDeployment(3),
    );
    expect(await figuresOf(place)).toMatchObject({ successes: [1], changes: [1], failures: [], restored: [] });
    await world.send(place, remove());
    expect(await figuresOf(place)).toMatchObject({ successes: [], changes: [] });
  });

  it('take the lead time from when the newest commit was made, where that is said, and is no nonsense', async () => {
    const place = aPlace();
    const committed = (committedAt: unknown) => ({ version: '1', metadata: { committedAt } });
    await world.send(
      place,
      create(),
      on(1, 0, finish(committed('2026-11-16T22:00:00Z'))),
      on(2, 0, finish(committed('2026-11-17T21:00:00+01:00'))),
      on(3, 0, finish(committed('yesterday'))),
      on(3, 1, finish(committed(1_800_000_000))),
      on(3, 2, finish(committed('2027-01-01T00:00:00Z'))),
      on(4, 0, rollback()),
      on(4, 1, finish({ metadata: { committedAt: '2026-11-16T00:00:00Z' } })),
      on(5, 0, fail(committed('2026-11-16T00:00:00Z'))),
    );
    expect(await figuresOf(place)).toMatchObject({ lead: [2, 1], leadTime: 3 });
  });
});

describe('The figures of a project', () => {
  it('are of all its targets, then of each that has any', async () => {
    const [one, two, none] = ['a', 'b', 'c'].map((key) => aPlace('of-a-project', key)) as [Place, Place, Place];
    await world.send(one, create(), on(0, 0, finish({ version: '1' })), on(1, 0, finish({ version: '2' })));
    await world.send(two, create(), on(0, 0, fail({ version: '1' })));
    await world.send(none, create());
    await world.catchUp();
    const { whole, targets, targetCount } = await readDora(world.pool, { project: 'of-a-project', ...week });
    expect(targetCount).toBe(2);
    expect([whole, ...targets].map((each) => [each.target, each.successes.count, each.failures.count])).toEqual([
      [null, 2, 1],
      ['a', 2, 0],
      ['b', 0, 1],
    ]);
    // What the other target delivered restores nothing here.
    expect(whole.restored).toMatchObject({ count: 0, restorations: [{ restoredBy: null }] });
  });

  it('are what a count by hand says, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.tuple(fc.nat(30), fc.nat(30)), async (sent, [first, length]) => {
        const project = aPlace().project;
        const places = sent.map((_, index) => aPlace(project, `t${index}`));
        for (const [index, place] of places.entries())
          await world.append(place, world.decide(place, sent[index]!, false));
        await world.catchUp();
        const from = addMinutes('2026-11-20T10:00:00.000000Z', first);
        const period = { project, from, to: addMinutes(from, length + 1) };
        const { items } = await listDeployments(world.pool, { projects: '*', project }, { limit: 1_000 });
        const { whole, targets } = await readDora(world.pool, period);
        expect(countsOf(whole)).toEqual(
          byHand(
            items.map((item) => ({ ...item.deployment, target: item.target })),
            period,
          ),
        );
        for (const each of targets) {
          const own = items.filter(({ target }) => target === each.target);
          expect(countsOf(each)).toEqual(
            byHand(
              own.map((item) => ({ ...item.deployment, target: item.target })),
              period,
            ),
          );
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

const countsOf = ({ successes, changes, failures, restored }: DoraFigures) => ({
  successes: successes.deployments,
  changes: changes.deployments,
  failures: failures.deployments,
  restorations: restored.restorations.map(({ deployment, restoredBy }) => [deployment, restoredBy]),
});

const byHand = (all: ReadonlyArray<Deployment & { target: string }>, { from, to }: { from: Time; to: Time }) => {
  const isFailure = ({ status }: Deployment) => status === 'failed' || status === 'rolled_back';
  const failedAt = (each: Deployment) => (each.status === 'failed' ? each.endedAt! : each.finishedAt!);
  const decided = all.filter((each) => {
    const moment = each.finishedAt ?? (isFailure(each) ? each.endedAt : null);
    return moment !== null && from <= moment && moment < to;
  });
  const id = ({ created }: Deployment) => created.position!;
  const failures = decided.filter((each) => each.rollbackOf === null && isFailure(each));
  const after = (failure: Deployment & { target: string }) =>
    all
      .filter(({ target, finishedAt }) => target === failure.target && finishedAt !== null)
      .map((each) => [each.finishedAt!, id(each)] as const)
      .filter(([moment, other]) => (moment === failedAt(failure) ? other > id(failure) : moment > failedAt(failure)))
      .sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1))[0]?.[1] ?? null;
  return {
    successes: decided.filter(({ finishedAt }) => finishedAt !== null).map(id),
    changes: decided.filter(({ rollbackOf }) => rollbackOf === null).map(id),
    failures: failures.map(id),
    restorations: failures.map((each) => [id(each), after(each)]),
  };
};
