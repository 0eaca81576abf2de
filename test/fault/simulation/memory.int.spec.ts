import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandQueue, commandsMigrations } from '#commands';
import { commandsFor } from '#commands/testing';
import { createPool, EventStore, eventStoreMigrations, type Pool } from '#event-store';
import { MemoryLog, MemoryStore } from '#event-store/testing';
import { kafkaMigrations } from '#kafka';
import { dueDeadlines, ProjectionRunner, projections, projectionsMigrations } from '#projections';
import { createLogger, newId } from '#runtime';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { kafkaStatements } from './database/kafka-statements.js';
import { logStatements } from './database/log-statements.js';
import { memoryPool } from './database/pool.js';
import { Tables } from './database/tables.js';
import { installViews } from './install-views.js';

const VIEWS = projections.filter(({ name }) => name === 'current' || name === 'deployments');
const nowText = (): string => `${new Date().toISOString().slice(0, -1)}000Z`;
const log = createLogger({ level: 'silent' });

let database: TestDatabase;
let real: Pool;
let tables: Tables;
let memory: Pool;
beforeAll(async () => {
  const migrations = [eventStoreMigrations, commandsMigrations, projectionsMigrations, kafkaMigrations];
  database = await createTestDatabase({ migrations });
  real = createPool({ connectionString: database.url, max: 4 });
  tables = new Tables(nowText, () => performance.now());
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  memory = memoryPool({ tables, link: { call: async (_, carryOut) => carryOut() }, owner: 'test', sleep });
});
afterAll(async () => {
  await real.end();
  await database.drop();
});

const texts = Object.keys({ ...logStatements, ...kafkaStatements });
/** The statement of the product that begins so. */
const textOf = (beginning: string): string => {
  const found = texts.filter((text) => text.replace(/\s+/g, ' ').startsWith(beginning));
  expect(found).toHaveLength(1);
  return found[0]!;
};

type Step = readonly [beginning: string, ...values: unknown[]];
const lease = 'insert into leases as l';
const renew = 'update leases set expires_at = clock_timestamp()';
const release = "update leases set expires_at = '-infinity'";
const advance = 'with held as';
const checkpoint = 'select position from checkpoints where name = $1 for';
const move = 'insert into checkpoints values ($1, $2)';
const offsets = 'insert into command_offsets';
const readOffsets = 'select partition, next from command_offsets';
const keepEnds =
  'insert into topic_ends (topic, partition, next) select $1, * from unnest($2::int[], $3::bigint[]) on conflict (topic, partition) do update set next = ';
const ends = `${keepEnds}greatest`;
const lostEnds = `${keepEnds}excluded`;
const readEnds = 'select partition, next from topic_ends';
const topic = 'insert into kafka_topics';
const readTopic = 'select partitions, store_id';
const again = 'insert into current_again';
const dueAgain = 'select stream, due_at::text';

const steps: readonly Step[] = [
  [lease, 'relay', 'a', 60_000],
  [lease, 'relay', 'b', 60_000],
  [lease, 'relay', 'a', 60_000],
  [renew, 'relay', 1, 60_000],
  [renew, 'relay', 2, 60_000],
  [advance, 'relay', 1, 'relay', 5],
  [advance, 'relay', 2, 'relay', 6],
  ['select position from checkpoints where name = $1', 'relay'],
  [release, 'relay', 1],
  [lease, 'relay', 'b', 60_000],
  [release, 'relay', 2],
  [lease, 'relay', 'b', 7_200_000],
  // By somebody whose terms are far shorter: no term of his lasts so long.
  [lease, 'relay', 'c', 1_000],
  [advance, 'relay', 3, 'relay', 7],
  [advance, 'relay', 4, 'relay', 8],
  [checkpoint, 'none'],
  ['insert into checkpoints values ($1, 0)', 'view'],
  ['insert into checkpoints values ($1, 0)', 'view'],
  [move, 'view', 3],
  [move, 'other', 4],
  [checkpoint, 'view'],
  ['select name, position from checkpoints'],
  [offsets, 'c', [0, 1], [5, 6]],
  [offsets, 'c', [0, 1], [4, 7]],
  [readOffsets, 'c', [0, 1, 2]],
  [readOffsets, 'd', [0]],
  [ends, 't', [0, 1], [9, 9]],
  [ends, 't', [0], [3]],
  [readEnds, 't'],
  [lostEnds, 't', [0], [3]],
  [readEnds, 't'],
  [topic, 't', 3, 'store'],
  [topic, 't', 4, 'other'],
  [readTopic, 't'],
  [again, ['x', 'x', 'y']],
  [dueAgain, 10],
];

describe('the database in memory', () => {
  it('does with each statement what PostgreSQL does', async () => {
    for (const [beginning, ...values] of steps) {
      const exact = texts.find((text) => text === beginning);
      const text = exact ?? textOf(beginning);
      const [there, here] = [await real.query(text, values), await memory.query(text, values)];
      expect([beginning, here.rowCount]).toEqual([beginning, there.rowCount]);
      const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
      const rows = (there.rows as Record<string, unknown>[]).toSorted(byText);
      const named = (row: Record<string, unknown>): object =>
        Object.fromEntries(Object.keys(rows[0] ?? {}).map((name) => [name, Number(row[name]) || row[name]]));
      expect([beginning, here.rows.map(named).toSorted(byText)]).toEqual([beginning, rows.map(named).toSorted(byText)]);
    }
  });

  it('gives a row to one transaction at a time, shows nothing that is not committed, and takes back what is rolled back', async () => {
    for (const pool of [real, memory]) {
      const [one, two] = [await pool.connect(), await pool.connect()];
      await one.query('begin');
      expect((await one.query(textOf(checkpoint), ['view'])).rowCount).toBe(1);
      await one.query(textOf(move), ['view', 99]);
      await two.query('begin');
      expect((await two.query(textOf(checkpoint), ['view'])).rowCount).toBe(0);
      const read = 'select name, position from checkpoints order by name';
      const seen = async (by: typeof one) => (await by.query(read)).rows.find(({ name }) => name === 'view').position;
      expect([Number(await seen(one)), Number(await seen(two))]).toEqual([99, 3]);
      await one.query('rollback');
      expect((await two.query(textOf(checkpoint), ['view'])).rowCount).toBe(1);
      await two.query('commit');
      one.release();
      two.release();
    }
  });

  it('comes to the same views of the same log', async () => {
    const store = await EventStore.open({ connectionString: database.url });
    const runner = new ProjectionRunner({ store, pool: real, log, projections: VIEWS });
    await runner.start();
    const queue = new CommandQueue({ store, newId, log });
    const target = commandsFor('memory', 't');
    const branch = (name: string) => ({ version: '1', commitRefs: [{ repository: 'web', branch: name }] });
    const timeOut = { enabled: true, afterMinutes: 0.0001 };
    const commands = [
      target.send('1', 'CreateTarget', {
        settings: { hanging: timeOut, failing: { enabled: true, afterMinutes: 60 } },
      }),
      target.send('2', 'StartDeployment', branch('a')),
      target.send('3', 'FinishDeployment', branch('b')),
      target.send('4', 'FinishDeployment', branch('c')),
      target.send('5', 'ScheduleDeployment', { ...branch('d'), scheduledFor: '2026-11-20T10:00:00.000000Z' }),
      target.send('6', 'RollbackDeployment', {}),
      target.send('7', 'DeleteDeployment', { number: 2 }),
    ];
    for (const command of commands) await queue.submit(command);
    const { position } = await store.head();
    expect(await runner.waitForPosition(['current', 'deployments'], position, 20_000)).toBe(true);

    const copy = new MemoryLog(nowText);
    copy.events.push(...(await store.readAll(0, 1_000)));
    const inMemory = new MemoryStore(copy.upTo(position), new Set());
    installViews(tables, VIEWS);
    const other = new ProjectionRunner({
      store: inMemory as unknown as EventStore,
      pool: memory,
      log,
      projections: VIEWS,
    });
    await other.start();
    expect(await other.waitForPosition(['current', 'deployments'], position, 20_000)).toBe(true);
    const due = async (pool: Pool) => (await dueDeadlines(pool, 10)).map(({ now: _, ...each }) => each);
    expect((await due(real)).length).toBeGreaterThan(0);
    expect(await due(memory)).toEqual(await due(real));
    const inPostgres = await real.query(
      'select stream, number, status, shown, body::text as body from deployments order by number',
    );
    const here = [...tables.rowsOf('deployments').values()].toSorted(
      (a, b) => Number(a['number']) - Number(b['number']),
    );
    expect(here.map(({ stream, number, status, shown, body }) => ({ stream, number, status, shown, body }))).toEqual(
      inPostgres.rows,
    );
    const current = await real.query(
      'select stream, state, clocks, waits, alive, runs, deployment::text as deployment from current',
    );
    const row = [...tables.rowsOf('current').values()][0]!;
    expect(row).toMatchObject(current.rows[0]);
    await Promise.all([runner.stop(), other.stop(), queue.drain()]);
    await Promise.all([store.close(), inMemory.close()]);
  }, 60_000);
});
