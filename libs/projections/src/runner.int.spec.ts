import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, finish, start } from '#domain/testing';
import { createPool, type EventRow, type EventStore, type Span } from '#event-store';
import { listDeployments } from './history.js';
import type { Projection } from './projection.js';
import { projections, viewNames } from './projections.js';
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

/** The same store, but for what is replaced. */
const storeWith = (replaced: Partial<EventStore>): EventStore =>
  new Proxy(world.store, {
    get: (store, name) => {
      const found = Reflect.get(name in replaced ? replaced : store, name);
      return typeof found === 'function' ? found.bind(store) : found;
    },
  });

/** The same event, of another type. */
const ofType = (type: string, row: EventRow): EventRow =>
  new Proxy(row, {
    get: (real, name) => {
      if (name !== 'text') return Reflect.get(real, name);
      return (span: Span) => (span === real.type ? type : real.text(span));
    },
  });

const statusOf = async (runner: ProjectionRunner, view: string) =>
  (await runner.status()).find(({ name }) => name === view)!;

/** Waits for a state, as an operator who looks at `/status` would. */
const becomes = async (runner: ProjectionRunner, view: string, state: string) => {
  for (let looks = 0; looks < 500; looks += 1) {
    const status = await statusOf(runner, view);
    if (status.state === state) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${view} did not become ${state}: ${JSON.stringify(await runner.status())}`);
};

describe('waitForPosition', () => {
  it('answers true once all of the views are there, false when the time is over', async () => {
    const [runner, onlooker] = [world.runner(), world.runner()];
    await running([runner], async () => {
      const position = await world.send(aPlace(), create(), finish({ version: '1' }));
      expect(await runner.waitForPosition(viewNames, position, 5_000)).toBe(true);
      expect(await runner.waitForPosition(viewNames, position, 0)).toBe(true);
      // One that runs nothing learns it from the checkpoints.
      expect(await onlooker.waitForPosition(viewNames, position, 5_000)).toBe(true);
      expect(await onlooker.waitForPosition(['current'], position + 1, 50)).toBe(false);
      const waiting = onlooker.waitForPosition(['current'], position + 1, 5_000);
      await world.send(aPlace(), create());
      expect(await waiting).toBe(true);
    });
  });
});

describe('the loop', () => {
  it('shares the work among replicas, each event applied once', async () => {
    const places = Array.from({ length: 10 }, () => aPlace());
    const runners = [world.runner(), world.runner(), world.runner()];
    await running(runners, async () => {
      for (const place of places) await world.send(place, create(), start({ version: '1' }), finish({ version: '1' }));
      const { position } = await world.store.head();
      for (const runner of runners) expect(await runner.waitForPosition(viewNames, position, 5_000)).toBe(true);
      expect(await runners[0]!.status()).toEqual(
        projections.map(({ name, version }) => ({ name, version, position, lag: 0, state: 'running' })),
      );
    });
    for (const projection of projections) {
      expect((await verify(projection, { pool: world.pool, log: world.store })).differing).toBe(0);
    }
  });

  it('goes on elsewhere when a replica dies in the middle of a page', async () => {
    const place = aPlace();
    await world.catchUp();
    const pool = createPool({ connectionString: world.url, max: 2, applicationName: 'doomed' });
    let [reading, release] = [() => {}, () => {}];
    const reads = new Promise<void>((resolve) => (reading = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const readRows: EventStore['readRows'] = async (_, take) => {
      reading();
      await released;
      return world.store.readRows({ after: 0, limit: 10, maxBytes: Infinity }, take);
    };
    const doomed = world.runner({ pool, projections: [deployments], store: storeWith({ readRows }) });
    await doomed.start();
    await reads;
    const position = await world.send(place, create(), finish({ version: '1' }));
    const heir = world.runner({ projections: [deployments] });
    await running([heir], async () => {
      expect(await heir.waitForPosition(['deployments'], position, 300)).toBe(false);
      await world.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'`,
      );
      expect(await heir.waitForPosition(['deployments'], position, 5_000)).toBe(true);
    });
    // What it had in hand does no harm any more.
    release();
    await doomed.stop();
    await pool.end();
    expect((await verify(deployments, { pool: world.pool, log: world.store })).differing).toBe(0);
  });

  it('stops at an event that it does not know, with all before it applied, and says so', async () => {
    const place = aPlace();
    const last = await world.send(place, create(), finish({ version: '1' }), finish({ version: '2' }));
    const readRows: EventStore['readRows'] = (range, take) =>
      world.store.readRows(range, (row) => take(row.position < last ? row : ofType('DeploymentCloned', row)));
    const old = world.runner({ projections: [deployments], store: storeWith({ readRows }) });
    await running([old], async () => {
      const { position, lag, error } = await becomes(old, 'deployments', 'stopped');
      expect({ position, lag }).toEqual({ position: last - 1, lag: 1 });
      expect(error).toContain(`Event ${last} of the log has the unknown type DeploymentCloned`);
    });
    await world.catchUp();
    expect((await verify(deployments, { pool: world.pool, log: world.store })).differing).toBe(0);
  });

  it('tells nobody of what it stumbled over but the log of the process', async () => {
    await world.catchUp();
    await world.send(aPlace(), create());
    const apply = (): never => {
      throw new Error('target:secret-project/production is odd');
    };
    const runner = world.runner({ projections: [{ ...deployments, projector: () => ({ apply }) }] });
    await running([runner], async () => {
      const { error } = await becomes(runner, 'deployments', 'stopped');
      expect(error).toBe('An event could not be applied; the log of the process says why.');
    });
    await world.catchUp();
  });

  it('refuses to go on from a log that ends before its checkpoint', async () => {
    await world.catchUp();
    const short = {
      readRows: () => Promise.resolve({ count: 0, last: 0, isCut: false }),
      head: async () => ({ ...(await world.store.head()), position: 1 }),
    };
    const runner = world.runner({ projections: [deployments], store: storeWith(short) });
    await running([runner], async () => {
      expect((await becomes(runner, 'deployments', 'stopped')).error).toContain('the log ends at 1');
    });
  });

  it('waits for a database that is away, and goes on', async () => {
    const pool = createPool({ connectionString: world.url, max: 4 });
    let away = true;
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const flaky = new Proxy(pool, {
      get: (real, name) => {
        if (name === 'connect') return () => (away ? Promise.reject(refused) : real.connect());
        return name === 'query' ? real.query.bind(real) : Reflect.get(real, name);
      },
    });
    const runner = world.runner({ pool: flaky, projections: [deployments] });
    await running([runner], async () => {
      const position = await world.send(aPlace(), create());
      expect((await becomes(runner, 'deployments', 'waiting')).error).toContain('ECONNREFUSED');
      away = false;
      expect(await runner.waitForPosition(['deployments'], position, 5_000)).toBe(true);
      await becomes(runner, 'deployments', 'running');
    });
    await pool.end();
  });
});

describe('rebuild', () => {
  const everything = async () => (await listDeployments(world.pool, { projects: '*' }, { limit: 10_000 })).items.length;

  it('puts the new rows in place in one moment, while commands and reads go on', async () => {
    const place = aPlace();
    const runner = world.runner();
    await world.send(place, create());
    await world.catchUp();
    let [rebuilt, sent] = [false, 0];
    const counts: number[] = [];
    const write = async () => {
      for (; !rebuilt || sent < 20; sent += 1) await world.send(place, finish({ version: `${sent}` }));
    };
    const read = async () => {
      while (!rebuilt) counts.push(await everything());
    };
    const build = async () => {
      for (let round = 0; round < 3; round += 1) await rebuild(deployments, { pool: world.pool, log: world.store });
      rebuilt = true;
    };
    await running([runner], async () => {
      await Promise.all([write(), read(), read(), build()]);
      const { position } = await world.store.head();
      expect(await runner.waitForPosition(['deployments'], position, 5_000)).toBe(true);
    });
    expect(counts.length).toBeGreaterThan(5);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect((await verify(deployments, { pool: world.pool, log: world.store })).differing).toBe(0);
  }, 60_000);

  it('that is killed leaves the live view, and nothing in the way of the next one', async () => {
    await world.catchUp();
    const before = await world.rows('deployments');
    const pool = createPool({ connectionString: world.url, max: 1, applicationName: 'killed' });
    let reads = 0;
    const readRows: EventStore['readRows'] = async (range, take) => {
      if ((reads += 1) === 2) {
        await world.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'killed'`,
        );
      }
      return world.store.readRows(range, take);
    };
    await expect(rebuild(deployments, { pool, log: storeWith({ readRows }) })).rejects.toThrow();
    await pool.end();
    expect(await world.rows('deployments')).toEqual(before);
    await rebuild(deployments, { pool: world.pool, log: world.store });
    expect(await world.rows('deployments')).toEqual(before);
    const { rows } = await world.pool.query(`select nspname from pg_namespace where nspname like 'building%'`);
    expect(rows).toEqual([]);
  });

  it('is not begun twice at once', async () => {
    const builds = await Promise.allSettled(
      [1, 2].map(() => rebuild(deployments, { pool: world.pool, log: world.store })),
    );
    expect(builds.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(builds.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { name: 'BuildUnderWay' } });
  });

  it('keeps the indexes', async () => {
    const indexes = async () =>
      (
        await world.pool.query(
          `select replace(indexdef, indexname, '') as def from pg_indexes where tablename = 'deployments' order by 1`,
        )
      ).rows;
    const before = await indexes();
    await rebuild(deployments, { pool: world.pool, log: world.store });
    expect(await indexes()).toEqual(before);
    expect(before.length).toBeGreaterThan(5);
  });

  it('comes by itself with a new version of the code, and fences the old one', async () => {
    const place = aPlace();
    await world.catchUp();
    const upper: Projection = {
      name: deployments.name,
      version: deployments.version + 1,
      projector: () => ({
        apply: async (tx, events) => {
          await deployments.projector().apply(tx, events);
          await tx.query('update deployments set actor = upper(actor)');
        },
      }),
    };
    const [old, young] = [world.runner({ projections: [deployments] }), world.runner({ projections: [upper] })];
    await running([old, young], async () => {
      const position = await world.send(place, create(), finish({ version: '1' }));
      await becomes(old, 'deployments', 'superseded');
      expect(await young.waitForPosition(['deployments'], position, 5_000)).toBe(true);
      expect((await statusOf(young, 'deployments')).state).toBe('running');
      const { rows } = await world.pool.query('select distinct actor from deployments');
      expect(rows).toEqual([{ actor: 'CI' }]);
    });
    await rebuild(deployments, { pool: world.pool, log: world.store });
  });
});
