import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  cancel,
  create,
  deleteDeployment,
  fail,
  finish,
  remove,
  retire,
  schedule,
  start,
  timeOut,
} from '#domain/testing';
import type { CurrentPlace } from './current.js';
import { aPlace, World } from './testing/world.js';
import { listTargetsOfVersion, versionsAfter, type VersionFilters } from './versions.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

/** `target#number status` of each target that runs or ran the version. */
const found = async (filters: Omit<VersionFilters, 'projects'> & Partial<VersionFilters>): Promise<string[]> => {
  const { items } = await listTargetsOfVersion(world.pool, { projects: '*', ...filters }, { limit: 200 });
  return items.map(({ target, deployment: { number, status } }) => `${target}#${number} ${status}`);
};
const version = { version: '1.4.0' };

it('A version is where it runs and where it ran, each with its newest deployment there', async () => {
  const [runs, ran, again] = ['a', 'b', 'c'].map((key) => aPlace('here', key)) as [never, never, never];
  await world.send(
    runs,
    create(),
    finish(version),
    finish({ version: '1.5.0' }),
    finish(version),
    start({ version: '2' }),
  );
  await world.send(ran, create(), finish(version), finish(version), finish({ version: '1.5.0' }));
  await world.send(again, create(), finish(version), retire(1), start(version), cancel(version));
  await world.catchUp();
  expect(await found({ ...version, project: 'here' })).toEqual(['a#3 current', 'b#2 completed', 'c#1 retired']);
});

it('A version is not where it was only planned, is on its way, was given up or failed', async () => {
  const place = aPlace('nowhere');
  await world.send(place, create(), fail(version), start(version), cancel(version), start(version), schedule(version));
  await world.catchUp();
  expect(await found({ ...version, project: 'nowhere' })).toEqual([]);
});

it('A version runs where an older deployment of it came back, though a newer one ran since', async () => {
  const place = aPlace('late');
  const failing = { enabled: true, afterMinutes: 1 };
  await world.send(place, create({ failing }), start(version), timeOut(1), start({ version: '2' }));
  await world.send(place, finish({ number: 2, ...version }), finish({ number: 1 }));
  await world.catchUp();
  expect(await found({ ...version, project: 'late' })).toEqual(['production#1 current']);
});

it('A version is not shown where its deployment or its target was deleted, or outside the reach', async () => {
  const [one, two] = [aPlace('gone', 'one'), aPlace('gone', 'two')];
  await world.send(one, create(), finish(version), finish({ version: '2' }), deleteDeployment(1));
  await world.send(two, create(), finish(version));
  await world.catchUp();
  expect(await found({ ...version, project: 'gone' })).toEqual(['two#1 current']);
  expect(await found({ ...version, projects: ['gone', 'elsewhere'] })).toEqual(['two#1 current']);
  expect(await found({ ...version, projects: ['elsewhere'] })).toEqual([]);
  expect(await found({ ...version, projects: ['elsewhere'], project: 'gone' })).toEqual([]);
  await world.send(two, remove());
  await world.catchUp();
  expect(await found({ ...version, project: 'gone' })).toEqual([]);
});

it('The targets of a version come by project and target, in pages that stay right while others are added', async () => {
  const places = ['p1/x', 'p1/z', 'p2/a', 'p2/b'].map((name) => aPlace(...(name.split('/') as [string, string])));
  for (const place of places) await world.send(place, create(), finish({ version: 'paged' }));
  await world.catchUp();
  const seen: string[] = [];
  for (let after: CurrentPlace | undefined, more = 0; ; more += 1) {
    const page = await listTargetsOfVersion(
      world.pool,
      { projects: '*', version: 'paged' },
      { limit: 2, ...(after === undefined ? {} : { after }) },
    );
    seen.push(...page.items.map(({ project, target }) => `${project}/${target}`));
    if (page.next === null) break;
    after = page.next;
    await world.send(aPlace('p1', `a${more}`), create(), finish({ version: 'paged' }));
    await world.catchUp();
  }
  expect(seen).toEqual(['p1/x', 'p1/z', 'p2/a', 'p2/b']);
});

it('The versions that came after a deployment are told newest first, those of deleted targets, too, and no others', async () => {
  const [one, gone, other] = [aPlace('after'), aPlace('after', 'gone'), aPlace('after!')];
  await world.send(one, create(), finish({ version: '1' }), finish({ version: '2' }));
  await world.send(gone, create(), finish({ version: '3' }), retire(1), remove());
  await world.send(other, create(), finish({ version: '4' }));
  await world.catchUp();
  const after = async (id: number, limit = 10) => await versionsAfter(world.pool, 'after', { after: id, limit });
  const all = await after(0);
  expect(all.map(({ version }) => version)).toEqual(['3', '2', '1']);
  expect(await after(all[2]!.id)).toEqual(all.slice(0, 2));
  expect(await after(0, 1)).toEqual(all.slice(0, 1));
  expect(await after(all[0]!.id)).toEqual([]);
});
