import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { create, finish } from '#domain/testing';
import { listDeploymentsOfCommit } from './commits.js';
import { listCurrent } from './current.js';
import { listDeployments } from './history.js';
import { aPlace, World } from './testing/world.js';
import { listTargetsOfVersion } from './versions.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

/** So many characters of four bytes from everywhere, which do not repeat: hardly anything makes them shorter. */
const name = (length: number): string =>
  Array.from({ length }, () => String.fromCodePoint(0x10000 + Math.floor(Math.random() * 0x100000))).join('');

// An entry of a btree has room for 2,704 bytes, and a view stops at a row that does not fit.
it('Every view takes the longest names that there may be, and finds by them', async () => {
  const place = aPlace(name(200), name(200));
  const [version, commit, repository, branch] = [name(255), name(100), name(500), name(500)];
  const metadata = { jira: { properties: { [name(40)]: name(50) } } };
  // Another commit, which begins as the first one does.
  const other = `${[...commit].slice(0, -1).join('')}x`;
  await world.send(place, create(), finish({ version: '2', commitRefs: [{ repository, branch, commit: other }] }));
  await world.send(place, finish({ version, commitRefs: [{ repository, branch, commit }], metadata }));
  await world.catchUp();
  const { project, key: target } = place;
  const all = { projects: '*', project } as const;
  const { items: running } = await listCurrent(world.pool, all, { limit: 2 });
  expect(running.map((item) => ({ ...item, deployment: JSON.parse(item.deployment) }))).toMatchObject([
    { project, target, deployment: { version } },
  ]);
  for (const { items } of [
    await listDeployments(world.pool, { ...all, target, version, commit, repository, branch }, { limit: 2 }),
    await listTargetsOfVersion(world.pool, { ...all, version }, { limit: 2 }),
    await listDeploymentsOfCommit(world.pool, { ...all, commit }, { limit: 2 }),
  ])
    expect(items).toMatchObject([{ project, target, deployment: { version } }]);
  const versionsOf = async (sought: string) =>
    (await listDeploymentsOfCommit(world.pool, { ...all, commit: sought }, { limit: 3 })).items.map(
      ({ deployment }) => deployment.version,
    );
  expect(await versionsOf(other)).toEqual(['2']);
  expect(await versionsOf([...commit].slice(0, 30).join(''))).toEqual([version, '2']);
}, 30_000);
