import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeDeployment, create, deleteDeployment, finish, refs, remove, schedule, start } from '#domain/testing';
import { listDeploymentsOfCommit } from './commits.js';
import { listDeploymentsOfIssue, listDeploymentsWithProperties, type IssueFilters } from './marked.js';
import { aPlace, World, type Place } from './testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const page = { limit: 200 };
const metadataWith = (associations: unknown, properties: unknown = {}) => ({ jira: { associations, properties } });
const numbersOf = (
  items: ReadonlyArray<Readonly<{ project: string; target: string; deployment: { number: number } }>>,
) => items.map(({ project, target, deployment }) => `${project}/${target}#${deployment.number}`);
const named = ({ project, key }: Place, number: number): string => `${project}/${key}#${number}`;
const ofIssue = async (issue: string, filters: Partial<IssueFilters> = {}): Promise<string[]> =>
  numbersOf((await listDeploymentsOfIssue(world.pool, { projects: '*', issue, ...filters }, page)).items);
const having = async (...properties: Array<readonly [string, string]>): Promise<string[]> =>
  numbersOf((await listDeploymentsWithProperties(world.pool, { projects: '*', properties }, page)).items);

describe('The deployments of an issue', () => {
  it('are found in every target, newest first, in capital or small letters', async () => {
    const [one, two] = [aPlace(), aPlace()];
    await world.send(
      one,
      create(),
      finish({ version: '1', metadata: metadataWith({ issueKeys: ['ABC-1', 'ABC-2'] }) }),
    );
    await world.send(two, create(), start({ version: '1', metadata: metadataWith({ issueIdOrKeys: ['abc-1'] }) }));
    await world.catchUp();
    expect(await ofIssue('ABC-1')).toEqual([named(two, 1), named(one, 1)]);
    expect(await ofIssue('Abc-2')).toEqual([named(one, 1)]);
    expect(await ofIssue('ABC-1', { projects: [two.project] })).toEqual([named(two, 1)]);
    expect(await ofIssue('ABC-1', { project: one.project })).toEqual([named(one, 1)]);
    expect(await ofIssue('ABC-1', { projects: [] })).toEqual([]);
    expect(await ofIssue('ABC')).toEqual([]);
  });

  it('come page by page', async () => {
    const place = aPlace();
    const metadata = metadataWith({ issueKeys: ['PAGE-1'] });
    await world.send(place, create(), ...['1', '2', '3'].map((version) => finish({ version, metadata })));
    await world.catchUp();
    const first = await listDeploymentsOfIssue(world.pool, { projects: '*', issue: 'PAGE-1' }, { limit: 2 });
    const second = await listDeploymentsOfIssue(
      world.pool,
      { projects: '*', issue: 'PAGE-1' },
      { limit: 2, after: first.next! },
    );
    expect([...numbersOf(first.items), ...numbersOf(second.items)]).toEqual([3, 2, 1].map((n) => named(place, n)));
    expect(second.next).toBeNull();
  });

  it('are those that have it now, and are there', async () => {
    const place = aPlace();
    const metadata = metadataWith({ issueKeys: ['NOW-1'] });
    await world.send(
      place,
      create(),
      schedule({ version: '1' }),
      changeDeployment({ number: 1, metadata }),
      finish({ version: '2', metadata }),
      finish({ version: '3', metadata }),
    );
    await world.catchUp();
    expect(await ofIssue('NOW-1')).toEqual([3, 2, 1].map((n) => named(place, n)));
    await world.send(place, deleteDeployment(2), changeDeployment({ number: 1, metadata: {} }));
    await world.catchUp();
    expect(await ofIssue('NOW-1')).toEqual([named(place, 3)]);
    await world.send(place, remove());
    await world.catchUp();
    expect(await ofIssue('NOW-1')).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a text', 'ODD-1'],
    ['a list of anything', [1, null, { a: 'ODD-1' }, ['ODD-1']]],
    ['an object', { a: 'ODD-1' }],
    ['nothing', null],
  ])('are not looked for in %s that somebody put there', async (_, issueKeys) => {
    const place = aPlace();
    await world.send(place, create(), finish({ version: '1', metadata: metadataWith({ issueKeys }) }));
    await world.send(place, finish({ version: '2', metadata: { jira: 'ODD-1' } }));
    await world.catchUp();
    expect(await ofIssue('ODD-1')).toEqual([]);
  });

  it('are not those of a commit that is called so, nor the reverse', async () => {
    const place = aPlace();
    await world.send(place, create(), finish({ version: '1', commitRefs: refs('main@issue:mix-1') }));
    await world.send(place, finish({ version: '2', metadata: metadataWith({ issueKeys: ['MIX-1'] }) }));
    await world.catchUp();
    expect(await ofIssue('MIX-1')).toEqual([named(place, 2)]);
    const { items } = await listDeploymentsOfCommit(world.pool, { projects: '*', commit: 'issue:mix-1' }, page);
    expect(numbersOf(items)).toEqual([named(place, 1)]);
  });

  it('may have names of any length', async () => {
    const place = aPlace();
    const long = `LONG-${'x'.repeat(250)}`;
    await world.send(place, create(), finish({ version: '1', metadata: metadataWith({ issueKeys: [long] }) }));
    await world.catchUp();
    expect(await ofIssue(long.toLowerCase())).toEqual([named(place, 1)]);
    expect(await ofIssue(long.slice(0, -1))).toEqual([]);
  });
});

it('The deployments with properties have all of them', async () => {
  const place = aPlace();
  const withProperties = (properties: object) => finish({ version: '1', metadata: metadataWith({}, properties) });
  await world.send(
    place,
    create(),
    withProperties({ a: '1', b: '2' }),
    withProperties({ a: '1' }),
    withProperties({ a: '12', 'a"': '1' }),
  );
  await world.catchUp();
  expect(await having(['a', '1'])).toEqual([named(place, 2), named(place, 1)]);
  expect(await having(['a', '1'], ['b', '2'])).toEqual([named(place, 1)]);
  expect(await having(['b', '2'], ['a', '1'])).toEqual([named(place, 1)]);
  expect(await having(['a"', '1'])).toEqual([named(place, 3)]);
  expect(await having(['c', '1'])).toEqual([]);
});
