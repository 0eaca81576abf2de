import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create, finish } from '#domain/testing';
import { eventStoreMigrations, migrate } from '#event-store';
import { projectionsMigrations } from './migrations.js';
import { projections } from './projections.js';
import { aPlace, World } from './testing/world.js';
import { rebuild } from './rebuild.js';
import { verify } from './verify.js';

const deployments = projections.filter(({ name }) => name === 'deployments');

let folder: string;
let world: World;
beforeAll(async () => {
  // As a release left it that had the first of our migrations and no other.
  folder = await mkdtemp(join(tmpdir(), 'shiplog-'));
  await mkdir(join(folder, 'first'));
  await cp(new URL('0001-views.sql', projectionsMigrations.folder), join(folder, 'first', '0001-views.sql'));
  world = await World.create({ name: 'projections', folder: pathToFileURL(`${join(folder, 'first')}/`) });
}, 60_000);
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

/** Writes a deployment as the release did that knew none of the later columns. */
const writeAsBefore = (number: number) =>
  world.pool.query(
    `insert into deployments (stream, number, id, project, key, status, version, actor, created_at,
                              repositories, branches, commits, body)
     values ('target:old/t', $1, $2, 'old', 't', 'current', '1', 'ci', now(), '{}', '{}', '{}', '{}')`,
    [number, 1_000_000 + number],
  );
const columns = async (): Promise<string[]> => {
  const { rows } = await world.pool.query(`select attname from pg_attribute where attrelid = 'deployments'::regclass`);
  return rows.map(({ attname }) => attname);
};
const indexes = async (table: string): Promise<number> =>
  (await world.pool.query('select from pg_indexes where tablename = $1', [table])).rows.length;

describe('A migration of a view that has rows', () => {
  it('leaves the table to the old release, and the next build has the new shape', async () => {
    await writeAsBefore(1);
    await world.pool.query(`insert into projections values ('deployments', 1)`);
    const before = { columns: await columns(), indexes: await indexes('deployments') };
    const position = await world.send(aPlace(), create(), finish({ version: '1' }));
    await migrate(world.url, [eventStoreMigrations, projectionsMigrations]);
    expect({ columns: await columns(), indexes: await indexes('deployments') }).toEqual(before);
    expect(await indexes('deployments_next')).toBe(before.indexes + 3);
    await writeAsBefore(2);

    const runner = world.runner({ projections: deployments });
    expect(await runner.areBuilt(['deployments'])).toBe(false);
    await runner.start();
    expect(await runner.waitForPosition(['deployments'], position, 10_000)).toBe(true);
    await runner.stop();
    expect(await columns()).toEqual(expect.arrayContaining(['finished_at', 'rolls_back']));
    expect(await indexes('deployments')).toBe(before.indexes + 3);
    expect(await indexes('deployments_next')).toBe(0);
    expect(await world.rows('deployments')).toMatchObject([{ number: 1, version: '1', status: 'current' }]);
    expect((await verify(deployments[0]!, { pool: world.pool, log: world.store })).differing).toBe(0);
  }, 60_000);

  it('has builds filled densely, and room for what changes behind them', async () => {
    const options = async (): Promise<string[]> =>
      (await world.pool.query(`select reloptions from pg_class where oid = 'deployments'::regclass`)).rows[0]
        .reloptions;
    const before = await options();
    expect(before.toSorted()).toEqual(['fillfactor=60', 'toast_tuple_target=4080']);
    const built: string[] = [];
    await rebuild(
      {
        ...deployments[0]!,
        build: (site, mostBytes) => {
          const build = deployments[0]!.build!(site, mostBytes);
          const end = async (): Promise<void> => {
            const { rows } = await site.tx.query(`select reloptions from pg_class where oid = 'deployments'::regclass`);
            built.push(...rows[0].reloptions);
            await build.end();
          };
          return { add: (events) => build.add(events), end };
        },
      },
      { pool: world.pool, log: world.store },
    );
    expect(built).toEqual(['toast_tuple_target=4080']);
    expect((await options()).toSorted()).toEqual(before.toSorted());
  }, 60_000);

  it('gives an empty one its new shape at once', async () => {
    const fresh = await World.create();
    expect((await fresh.pool.query('select finished_at from deployments')).rows).toEqual([]);
    expect((await fresh.pool.query(`select to_regclass('deployments_next') as next`)).rows).toEqual([{ next: null }]);
    await fresh.close();
  }, 60_000);
});
