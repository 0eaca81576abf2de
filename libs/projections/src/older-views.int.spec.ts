import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, finish } from '#domain/testing';
import type { Projection } from './projection.js';
import { projections } from './projections.js';
import { rebuild } from './rebuild.js';
import type { ProjectionRunner } from './runner.js';
import { aPlace, running, World } from './testing/world.js';
import { verify } from './verify.js';

const deployments = projections.find(({ name }) => name === 'deployments')!;

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world.close());

const statusOf = async (runner: ProjectionRunner, view: string) =>
  (await runner.status()).find(({ name }) => name === view)!;

describe('A view that this version of the code cannot read', () => {
  const newer: Projection = { ...deployments, version: deployments.version + 1 };

  it('has reached nothing before it is built anew, while the old release goes on with it', async () => {
    await world.catchUp();
    const [old, young] = [world.runner({ projections: [deployments] }), world.runner({ projections: [newer] })];
    await running([old], async () => {
      const position = await world.send(aPlace(), create(), finish({ version: '1' }));
      expect(await old.waitForPosition(['deployments'], position, 5_000)).toBe(true);
      expect(await old.areBuilt(['deployments'])).toBe(true);
      expect(await young.areBuilt(['deployments'])).toBe(false);
      expect(await young.waitForPosition(['deployments'], 1, 200)).toBe(false);
      expect(await statusOf(young, 'deployments')).toMatchObject({
        ...{ version: deployments.version, position: 0, lag: position, state: 'building' },
      });
      expect(await statusOf(old, 'deployments')).toMatchObject({ version: deployments.version, position, lag: 0 });
      await running([young], async () => {
        expect(await young.waitForPosition(['deployments'], position, 5_000)).toBe(true);
        expect(await young.areBuilt(['deployments'])).toBe(true);
        expect(await statusOf(young, 'deployments')).toMatchObject({ version: newer.version, position, lag: 0 });
        // Whoever has been able to read it reads what the newer one builds.
        expect(await old.areBuilt(['deployments'])).toBe(true);
      });
    });
    await rebuild(deployments, { pool: world.pool, log: world.store });
  });

  it('is built in one piece where there was none', async () => {
    await world.catchUp();
    const { position } = await world.store.head();
    await world.pool.query(`delete from projections where name = 'commits'`);
    await world.pool.query(`delete from checkpoints where name = 'projection:commits'`);
    await world.pool.query('truncate commits');
    const views = projections.filter(({ name }) => name === 'commits');
    const [onlooker, runner] = [world.runner({ projections: views }), world.runner({ projections: views })];
    expect(await onlooker.areBuilt(['commits'])).toBe(false);
    expect(await statusOf(onlooker, 'commits')).toMatchObject({ position: 0, lag: position, state: 'building' });
    const seen = new Set<number>();
    await running([runner], async () => {
      while (!(await onlooker.areBuilt(['commits']))) seen.add((await statusOf(onlooker, 'commits')).position);
      expect(await onlooker.waitForPosition(['commits'], position, 0)).toBe(true);
    });
    expect([...seen].every((each) => each === 0 || each === position)).toBe(true);
    expect((await verify(views[0]!, { pool: world.pool, log: world.store })).differing).toBe(0);
  });
});
