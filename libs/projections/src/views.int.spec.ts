import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addMinutes, evolveDeployment, type Deployment } from '#domain';
import {
  change,
  changeDeployment,
  create,
  deleteDeployment,
  finish,
  refs,
  remove,
  schedule,
  start,
  timeOut,
} from '#domain/testing';
import { currentOf, listCurrent } from './current.js';
import { deploymentsById } from './deployments.js';
import { listDeployments } from './history.js';
import { createLookups } from './lookups.js';
import { listProjects, listTargets, projectExists } from './targets.js';
import { aPlace, World } from './testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const every = { limit: 200 };

describe('targets', () => {
  it('shows a target with its settings, what is current, in flight and next', async () => {
    const place = aPlace();
    await world.send(
      place,
      create({ requireSchedule: false }),
      finish({ version: '1' }),
      start({ version: '2' }),
      schedule({ version: '3', commitRefs: refs('main') }),
    );
    await world.catchUp();
    const target = await createLookups(world.pool).getTarget(place.project, place.key);
    expect(target).toMatchObject({
      ...{ project: place.project, key: place.key, exists: true, version: 4 },
      current: { number: 1, status: 'current' },
      open: [
        { number: 2, status: 'deploying' },
        { number: 3, status: 'scheduled' },
      ],
    });
    const created = (await world.log()).find(({ stream, version }) => stream === place.stream && version === 2)!;
    expect(target!.current!.created).toEqual({ version: 2, position: created.position });
  });

  it('holds a deployment that recovered, though the small state had forgotten it', async () => {
    const place = aPlace();
    const request = { version: '1', commitRefs: refs('main@abc') };
    await world.send(
      place,
      create({ failing: { enabled: true, afterMinutes: 1 } }),
      start({ ...request, metadata: { by: 'hand' } }),
      timeOut(1),
    );
    await world.catchUp();
    await world.send(place, finish(request));
    await world.catchUp();
    const lookups = createLookups(world.pool);
    const recovered = {
      number: 1,
      status: 'current',
      metadata: { by: 'hand' },
      created: { version: 2 },
      endedAt: null,
    };
    expect((await lookups.getTarget(place.project, place.key))!.current).toMatchObject(recovered);
    const current = JSON.parse((await lookups.getCurrent(place.project, place.key))!);
    expect(current).toMatchObject(recovered);
    expect((await currentOf(world.pool, [place.stream])).get(place.stream)).toEqual(current);
    expect(await lookups.getDeployment(place.project, place.key, 1)).toEqual(current);
  });

  it('forgets a deleted target, and its project with the last one, until it comes back', async () => {
    const [place, other] = [aPlace(), aPlace()];
    await world.send(place, create(), finish({ version: '1' }), remove());
    await world.send(other, create());
    await world.catchUp();
    const projects = { projects: [place.project, other.project] };
    expect(await createLookups(world.pool).getTarget(place.project, place.key)).toBeUndefined();
    expect(await listTargets(world.pool, place.project, every)).toEqual({ items: [], next: null });
    expect((await listProjects(world.pool, projects, every)).items).toEqual([{ key: other.project, targets: 1 }]);
    expect(await projectExists(world.pool, place.project)).toBe(false);
    await world.send(place, create());
    await world.catchUp();
    expect(await projectExists(world.pool, place.project)).toBe(true);
    expect(await createLookups(world.pool).getTarget(place.project, place.key)).toMatchObject({
      version: 5,
      lastNumber: 1,
    });
  });

  it('lists by key, page by page, and only within reach', async () => {
    const project = aPlace().project;
    const keys = ['a', 'B', 'ä', 'review/42', 'z'];
    for (const key of keys) await world.send(aPlace(project, key), create());
    await world.catchUp();
    const seen: string[] = [];
    for (let page = await listTargets(world.pool, project, { limit: 2 }); ;) {
      seen.push(...page.items.map(({ key }) => key));
      if (page.next === null) break;
      page = await listTargets(world.pool, project, { limit: 2, after: page.next });
    }
    expect(seen).toEqual(['B', 'a', 'review/42', 'z', 'ä']);
    expect((await listProjects(world.pool, { projects: [project] }, every)).items).toEqual([
      { key: project, targets: 5 },
    ]);
    expect((await listProjects(world.pool, { projects: [] }, every)).items).toEqual([]);
  });
});

describe('current', () => {
  it('is what the last success left, of each target that runs something', async () => {
    const project = aPlace().project;
    const [runs, empty, retired] = ['runs', 'empty', 'retired'].map((key) => aPlace(project, key));
    await world.send(
      runs!,
      create(),
      finish({ version: '1' }),
      start({ version: '2' }),
      finish({ version: '2' }),
      start({ version: '3' }),
    );
    await world.send(empty!, create(), start({ version: '1' }));
    await world.send(retired!, create(), finish({ version: '1' }), remove());
    await world.catchUp();
    const { items } = await listCurrent(world.pool, { projects: '*', project }, every);
    expect(items).toEqual([{ project, target: 'runs', deployment: expect.any(String) }]);
    expect(JSON.parse(items[0]!.deployment)).toMatchObject({ number: 2, version: '2', status: 'current' });
    const lookups = createLookups(world.pool);
    expect(await lookups.getCurrent(project, 'runs')).toBe(items[0]!.deployment);
    expect(await lookups.getCurrent(project, 'empty')).toBeNull();
    for (const gone of ['retired', 'never']) expect(await lookups.getCurrent(project, gone)).toBeUndefined();
    const streams = [runs, empty, retired].map((place) => place!.stream);
    expect([...(await currentOf(world.pool, streams)).keys()]).toEqual([runs!.stream]);
    expect((await listCurrent(world.pool, { projects: [], project }, every)).items).toEqual([]);
  });

  it('follows the environment type of its target', async () => {
    const place = aPlace();
    await world.send(place, create(), finish({ version: '1' }));
    await world.catchUp();
    const staging = { projects: '*', project: place.project, environmentType: 'staging' } as const;
    expect((await listCurrent(world.pool, staging, every)).items).toEqual([]);
    const changed = { ...change({}).command, data: { environmentType: 'staging' } } as ReturnType<
      typeof change
    >['command'];
    await world.send(place, { command: changed });
    await world.catchUp();
    expect((await listCurrent(world.pool, staging, every)).items).toHaveLength(1);
  });
});

describe('deployments', () => {
  it('are what the fold of their events makes of them', async () => {
    const place = aPlace();
    await world.send(
      place,
      create({ hanging: { enabled: true, afterMinutes: 1 }, failing: { enabled: true, afterMinutes: 2 } }),
      schedule({ version: '1', commitRefs: refs('main@abc'), scheduledFor: '2027-01-01T00:00:00.000000Z' }),
      start({ commitRefs: refs('main') }),
      timeOut(1),
      finish({ version: '1', commitRefs: refs('main') }),
      start({ version: '2', commitRefs: refs('dev@def') }),
      finish({ version: '2', commitRefs: refs('dev') }),
      changeDeployment({ number: 1, description: 'the first' }),
    );
    await world.catchUp();
    const folded = new Map<number, Deployment>();
    for (const event of await world.log()) {
      if (event.stream !== place.stream || !('number' in event.data)) continue;
      const { number } = event.data;
      folded.set(number, evolveDeployment(folded.get(number) ?? null, event)!);
    }
    const { items } = await listDeployments(world.pool, { projects: '*', project: place.project }, every);
    expect(items.map(({ deployment }) => deployment)).toEqual([...folded.values()].reverse());
    expect(items.map(({ deployment: { status } }) => status)).toEqual(['current', 'completed']);
  });

  it('leave when they are deleted, and hide while their target is', async () => {
    const place = aPlace();
    const history = async () =>
      (await listDeployments(world.pool, { projects: '*', project: place.project }, every)).items.map(
        ({ deployment }) => deployment.number,
      );
    await world.send(
      place,
      create(),
      finish({ version: '1' }),
      finish({ version: '2' }),
      finish({ version: '3' }),
      deleteDeployment(2),
    );
    await world.catchUp();
    expect(await history()).toEqual([3, 1]);
    const { id } = {
      id: (await createLookups(world.pool).getDeployment(place.project, place.key, 3))!.created.position!,
    };
    await world.send(place, remove());
    await world.catchUp();
    expect(await history()).toEqual([]);
    expect((await deploymentsById(world.pool, [id])).size).toBe(0);
    await world.send(place, create(), finish({ version: '4' }));
    await world.catchUp();
    expect(await history()).toEqual([4, 3, 1]);
    expect((await deploymentsById(world.pool, [id])).get(id)).toMatchObject({
      target: 'production',
      deployment: { status: 'retired' },
    });
    expect(await createLookups(world.pool).getDeployment(place.project, place.key, 3_000_000_000)).toBeUndefined();
  });

  it('are found by every filter, those of commit refs by one and the same ref', async () => {
    const place = aPlace();
    await world.send(
      place,
      create(),
      finish({ version: '1', commitRefs: refs('api:main@aaa', 'ui:dev@bbb') }),
      finish({ version: '2', commitRefs: refs('api:refs/heads/dev@ccc') }),
      start({ version: '3', commitRefs: refs('api:main@ddd') }),
    );
    await world.catchUp();
    const found = async (filters: object) =>
      (await listDeployments(world.pool, { projects: '*', project: place.project, ...filters }, every)).items.map(
        ({ deployment }) => deployment.number,
      );
    const at = (await createLookups(world.pool).getDeployment(place.project, place.key, 2))!.createdAt;
    expect(await found({ target: 'production' })).toEqual([3, 2, 1]);
    expect(await found({ target: 'staging' })).toEqual([]);
    expect(await found({ status: 'completed' })).toEqual([1]);
    expect(await found({ version: '2' })).toEqual([2]);
    expect(await found({ actor: 'ci' })).toEqual([3, 2, 1]);
    expect(await found({ actor: 'other' })).toEqual([]);
    expect(await found({ repository: 'ui' })).toEqual([1]);
    expect(await found({ branch: 'dev' })).toEqual([2, 1]);
    expect(await found({ branch: 'refs/heads/dev' })).toEqual([2, 1]);
    expect(await found({ commit: 'ccc' })).toEqual([2]);
    expect(await found({ repository: 'api', branch: 'dev' })).toEqual([2]);
    expect(await found({ repository: 'ui', commit: 'aaa' })).toEqual([]);
    expect(await found({ repository: 'ui', branch: 'dev', commit: 'bbb' })).toEqual([1]);
    expect(await found({ from: at })).toEqual([3, 2]);
    expect(await found({ to: at })).toEqual([1]);
    expect(await found({ from: addMinutes(at, 1), to: addMinutes(at, 0.5) })).toEqual([]);
    expect(await found({ projects: ['another'] })).toEqual([]);
    expect(await found({ projects: [place.project, 'another'], version: '1' })).toEqual([1]);
  });

  it('come in pages that stay right while others are added', async () => {
    const place = aPlace();
    const list = (after?: number) =>
      listDeployments(
        world.pool,
        { projects: '*', project: place.project },
        { limit: 2, ...(after === undefined ? {} : { after }) },
      );
    await world.send(place, create(), ...['1', '2', '3', '4', '5'].map((version) => finish({ version })));
    await world.catchUp();
    let page = await list();
    const seen = page.items.map(({ deployment }) => deployment.number);
    for (let version = 6; page.next !== null; version += 1) {
      await world.send(place, finish({ version: `${version}` }));
      await world.catchUp();
      page = await list(page.next);
      seen.push(...page.items.map(({ deployment }) => deployment.number));
    }
    expect(seen).toEqual([5, 4, 3, 2, 1]);
  });

  it('keep names that would end an array or a statement', async () => {
    const place = aPlace();
    const repository = `we"ird\\,{}'--`;
    await world.send(
      place,
      create(),
      finish({ version: '1', commitRefs: [{ repository, branch: 'NULL', commit: '""' }] }),
    );
    await world.catchUp();
    const filters = { projects: '*', project: place.project, repository, branch: 'NULL', commit: '""' } as const;
    expect((await listDeployments(world.pool, filters, every)).items).toHaveLength(1);
  });
});
