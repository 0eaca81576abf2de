import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cancel, create, fail, finish, refs, remove, schedule, sentAt, start } from '#domain/testing';
import { targetsOf } from './targets.js';
import { aPlace, minute, World } from './testing/world.js';
import { uncountedWindow, windowOfDeployments, windowWithTargets, type Window, type WindowFilters } from './windows.js';

const place = aPlace();
const other = aPlace(place.project, 'other');
const gone = aPlace(place.project, 'gone');
const of = (branch: string) => ({ version: branch, commitRefs: refs(`${branch}@abc1234`) });

let world: World;
beforeAll(async () => {
  world = await World.create();
  await world.send(
    place,
    create(),
    sentAt(minute(1), start(of('c'))),
    sentAt(minute(3), fail({ ...of('a'), metadata: { by: { whom: 'ann' } } })),
    sentAt(minute(4), schedule(of('d'))),
    sentAt(minute(6), finish(of('e'))),
    sentAt(minute(9), finish(of('c'))),
    sentAt(minute(5), start(of('b'))),
    sentAt(minute(20), cancel(of('d'))),
    sentAt(minute(0), finish(of('z'))),
  );
  await world.send(other, create(), sentAt(minute(1), finish(of('o'))));
  await world.send(gone, create(), sentAt(minute(1), schedule(of('g'))), sentAt(minute(2), cancel(of('g'))), remove());
  await world.catchUp();
}, 60_000);
afterAll(() => world.close());

/** The numbers of the deployments in a window, and how many there are in all. */
const window = async (filters: Partial<WindowFilters>, more: Partial<Window> = {}): Promise<[number[], number]> => {
  const { items, total } = await windowOfDeployments(
    world.pool,
    { projects: [place.project], project: place.project, target: place.key, ...filters },
    { offset: 0, limit: 100, ...more },
  );
  return [items.map(({ deployment }) => deployment.number), total];
};

describe('a window of the history', () => {
  it.each([
    ['id', [1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]],
    ['createdAt', [6, 1, 2, 3, 5, 4], [4, 5, 3, 2, 1, 6]],
    ['updatedAt', [6, 2, 5, 4, 1, 3], [3, 1, 4, 5, 2, 6]],
    ['finishedAt', [6, 4, 1, 2, 3, 5], [1, 4, 6, 5, 3, 2]],
    ['ref', [2, 5, 1, 3, 4, 6], [6, 4, 3, 1, 5, 2]],
  ] as const)('is in the order of %s, both ways', async (order, up, down) => {
    expect(await window({}, { order, ascending: true })).toEqual([up, 6]);
    expect(await window({}, { order })).toEqual([down, 6]);
    expect(await window({}, { order, ascending: true, offset: 2, limit: 3 })).toEqual([up.slice(2, 5), 6]);
    expect(await window({}, { order, offset: 6, limit: 3 })).toEqual([[], 6]);
  });

  it('is bounded by when its deployments last moved on, and by when they were finished', async () => {
    const ascending = true;
    expect(await window({ updatedFrom: minute(5), updatedTo: minute(9) }, { ascending })).toEqual([[1, 4, 5], 3]);
    expect(await window({ finishedFrom: minute(6) }, { ascending })).toEqual([[1, 4], 2]);
    expect(await window({ finishedFrom: minute(0), finishedTo: minute(9) }, { order: 'finishedAt' })).toEqual([
      [4, 6],
      2,
    ]);
  });

  it('has the statuses that are asked for, and by what the metadata says beside them', async () => {
    const member = { path: ['by', 'whom'], is: 'ann', byDefault: 'nobody' };
    expect(await window({ standings: [{ statuses: ['completed', 'current'] }] })).toEqual([[6, 4, 1], 3]);
    expect(await window({ standings: [{ statuses: ['failed'] }, { statuses: ['canceled'] }] })).toEqual([[3, 2], 2]);
    expect(await window({ standings: [{ statuses: ['failed', 'canceled'], member }] })).toEqual([[2], 1]);
    expect(await window({ standings: [{ statuses: ['canceled'], member: { ...member, is: 'nobody' } }] })).toEqual([
      [3],
      1,
    ]);
    expect(await window({ standings: [] })).toEqual([[], 0]);
  });

  it.each([
    ['of a project', { project: place.project }],
    ['of all that is within reach', {}],
  ])('leaves one target out, %s', async (_, within) => {
    const ask = async (exceptTarget: string, of: Window) => {
      const items = await uncountedWindow(world.pool, { projects: [place.project], ...within, exceptTarget }, of);
      return items.map(({ target, deployment }) => [target, deployment.number]);
    };
    expect(await ask(place.key, { offset: 0, limit: 5 })).toEqual([['other', 1]]);
    expect(await ask('other', { offset: 1, limit: 2 })).toEqual([5, 4].map((number) => [place.key, number]));
    expect(await ask('none', { offset: 0, limit: 100 })).toHaveLength(7);
  });

  const orders = ['id', 'createdAt', 'updatedAt', 'finishedAt', 'ref'] as const;
  it.each(orders.flatMap((order) => [true, false].map((ascending) => ({ order, ascending }))))(
    'has the same pages from whichever end they are read: %j',
    async (way) => {
      for (const more of [{}, { finishedFrom: minute(0) }]) {
        const read = async (offset: number, limit: number): Promise<[ids: unknown[], total: number]> => {
          const filters = { projects: '*', project: place.project, ...more } as const;
          const { items, total } = await windowOfDeployments(world.pool, filters, { offset, limit, ...way });
          return [items.map(({ deployment }) => deployment.created.position), total];
        };
        const [all, total] = await read(0, 100);
        expect(all).toHaveLength(total);
        for (const limit of [1, 2, 3, 100])
          for (let offset = 0; offset < total + 2; offset += 1)
            expect(await read(offset, limit)).toEqual([all.slice(offset, offset + limit), total]);
      }
    },
  );

  it('counts what there is, however often it was counted before', async () => {
    const at = aPlace();
    const [total, page] = [
      async () => (await windowOfDeployments(world.pool, { projects: [at.project] }, { offset: 0, limit: 1 })).total,
      async () => (await windowWithTargets(world.pool, { projects: [at.project] }, { offset: 5, limit: 1 })).total,
    ];
    const counts = async () => [await total(), await total(), await page()];
    expect(await counts()).toEqual([0, 0, 0]);
    await world.send(at, create(), finish(of('a')), finish(of('b')));
    await world.catchUp();
    expect(await counts()).toEqual([2, 2, 2]);
    const last = async () => {
      const { items, total: all } = await windowOfDeployments(
        world.pool,
        { projects: [at.project] },
        { offset: 1, limit: 1 },
      );
      return [items.map(({ deployment }) => deployment.number), all];
    };
    expect(await last()).toEqual([[1], 2]);
    // Two ends that are equally near, and then others, while the count that is known is the old one.
    await world.send(at, finish(of('c')), finish(of('d')));
    await world.catchUp();
    expect(await last()).toEqual([[3], 4]);
    expect(await last()).toEqual([[3], 4]);
    await world.send(at, remove());
    await world.catchUp();
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('has its targets as they are, each once', async () => {
    const filters = { projects: [place.project], project: place.project };
    const whole = await windowWithTargets(world.pool, filters, { offset: 0, limit: 100 });
    const { targets, ...page } = whole;
    expect(page).toEqual(await windowOfDeployments(world.pool, filters, { offset: 0, limit: 100 }));
    expect(targets).toEqual(await targetsOf(world.pool, [place.stream, other.stream]));
    expect(targets.size).toBe(2);
    const beyond = await windowWithTargets(world.pool, filters, { offset: 100, limit: 5 });
    expect(beyond).toEqual({ items: [], total: 7, targets: new Map() });
  });
});
