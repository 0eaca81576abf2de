import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, deleteDeployment, fail, finish, remove, start, type Sending } from '#domain/testing';
import { Follower, PAGE } from './advance.js';
import type { Projection } from './projection.js';
import { projections, viewNames } from './projections.js';
import { readPage } from './read-log.js';
import { rebuild } from './rebuild.js';
import { aPlace, running, World, type Place } from './testing/world.js';
import { verify } from './verify.js';

let world: World;
let place: Place;
beforeAll(async () => {
  world = await World.create();
  await world.catchUp();
  place = aPlace();
  await world.send(place, create());
}, 60_000);
afterAll(() => world.close());

const view = projections.find(({ name }) => name === 'current')!;

const followerOf = (projection: Projection): Follower =>
  new Follower(projection, {
    pool: world.pool,
    log: world.store,
    readPage: (after) => readPage(world.store, after, PAGE),
  });

/** How often a view is asked for rows, remembering no more than so many bytes of them by itself. */
const counting = (counted = view, mostBytes?: number): { loads: () => number; projection: Projection } => {
  let loads = 0;
  const projector: Projection['projector'] = () => {
    const own = counted.projector(mostBytes);
    return {
      apply: (tx, events) =>
        own.apply(
          {
            query: (text, values) => {
              if (text.startsWith('select')) loads += 1;
              return tx.query(text, values);
            },
          },
          events,
        ),
    };
  };
  return { loads: () => loads, projection: { ...counted, projector } };
};

const isRight = async (one = view): Promise<void> =>
  expect((await verify(one, { pool: world.pool, log: world.store })).differing).toBe(0);

describe('A follower of the log', () => {
  it('asks for no row that it has written itself', async () => {
    const { loads, projection } = counting();
    const follower = followerOf(projection);
    await world.send(place, start({ version: '1' }));
    await follower.advance();
    const before = loads();
    await world.send(place, finish({ version: '1' }));
    await follower.advance();
    await world.send(aPlace(), create());
    await follower.advance();
    expect(loads()).toBe(before);
    await isRight();
  });

  it('takes up what another has written in between', async () => {
    const [mine, other] = [followerOf(view), followerOf(view)];
    for (const version of ['2', '3', '4']) {
      await world.send(place, start({ version }));
      await mine.advance();
      await world.send(place, finish({ version }));
      await other.advance();
      await isRight();
    }
  });

  it('forgets what was not committed', async () => {
    let fails = true;
    const projector: Projection['projector'] = () => {
      const own = view.projector();
      return {
        apply: async (tx, events) => {
          await own.apply(tx, events);
          if (fails) throw new Error('Not this time.');
        },
      };
    };
    const follower = followerOf({ ...view, projector });
    await world.send(place, start({ version: '5' }));
    await expect(follower.advance()).rejects.toThrow('Not this time.');
    fails = false;
    await follower.advance();
    await isRight();
  });

  it('forgets rows in whose place a build has put others', async () => {
    const follower = followerOf(view);
    await world.send(place, finish({ version: '5' }));
    await world.pool.query(`update current set deployment = replace(deployment::text, '"5"', '"wrong"')::json`);
    await world.send(place, start({ version: '6' }));
    await follower.advance();
    await rebuild(view, { pool: world.pool, log: world.store });
    await world.send(place, finish({ version: '6' }));
    await follower.advance();
    await isRight();
  });
});

describe('Views that follow the log together', () => {
  it('look up no target that was read of before and no deployment in it, and have the rows that a build gives', async () => {
    const counted = new Map(
      ['current', 'deployments', 'commits'].map((name) => [
        name,
        counting(
          projections.find((each) => each.name === name),
          0,
        ),
      ]),
    );
    const runner = world.runner({ projections: projections.map((each) => counted.get(each.name)?.projection ?? each) });
    const own = aPlace();
    await running([runner], async () => {
      const after = async (...sendings: readonly Sending[]): Promise<void> => {
        const position = await world.send(own, ...sendings);
        expect(await runner.waitForPosition(viewNames, position, 10_000)).toBe(true);
      };
      await after(create());
      const before = [...counted.values()].map(({ loads }) => loads());
      await after(start({ version: '1' }));
      await after(finish({ version: '1' }));
      await after(start({ version: '2', commitRefs: [{ repository: 'shop', branch: 'main', commit: 'abcdef0123' }] }));
      await after(finish({ version: '2' }), start({ version: '3' }));
      expect([...counted.values()].map(({ loads }) => loads())).toEqual(before);
      await after(fail({}));
      await after(start({ version: '4' }));
      await after(fail({}), finish({ version: '4' }));
      await after(deleteDeployment(1));
      await after(remove());
      await after(create());
    });
    for (const each of projections) await isRight(each);
  }, 30_000);
});
