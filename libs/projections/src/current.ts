import type { Deployment, EnvironmentType, Target } from '#domain';
import { column, writeRows, type Queryable, type Table } from '#event-store';

import { clocksAfter, waitsOf } from './deadlines.js';
import { eventTypes, type Clocks, type LogEvent } from './log-events.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';
import { defineProjection, onEach } from './define-projection.js';
import { targetIn } from './streams.js';
import { evolveTarget, isFirst, toBody, toState, toTarget } from './target-states.js';

type Row = Readonly<{ target: Target; clocks: Clocks }>;

const evolveRow = (row: Row | undefined, event: LogEvent): Row => {
  const target = evolveTarget(row?.target, event);
  return { target, clocks: clocksAfter(row?.clocks, target, event)! };
};

const before = (event: LogEvent): Row | null | undefined => {
  if (isFirst(event)) return null;
  const { before: target, clocks } = event.fold ?? {};
  return target && clocks && { target, clocks };
};

type Item = Row & Readonly<{ stream: string; waits: ReturnType<typeof waitsOf> }>;
const toItem = (stream: string, { target, clocks }: Row): Item => ({
  stream,
  target,
  clocks,
  waits: waitsOf(target, clocks),
});

const table: Table<Item> = {
  name: 'current',
  key: ['stream'],
  columns: [
    column.text('stream', ({ stream }) => stream),
    column.text('project', ({ stream }) => targetIn(stream).project),
    column.text('key', ({ stream }) => targetIn(stream).key),
    column.text('environment_type', ({ target }) => target.environmentType),
    column.boolean('alive', ({ target }) => target.exists),
    column.boolean('runs', ({ target }) => target.current !== null),
    column.json('deployment', ({ target }) => target.current && toBody(target.current)),
    column.text('state', ({ target }) => toState(target)),
    column.text('clocks', ({ clocks }) => JSON.stringify(clocks)),
    column.text('waits', ({ waits }) => JSON.stringify(waits)),
    column.time('due', ({ waits }) => waits[0]?.deadline ?? null),
  ],
};

type Stored = Readonly<{ stream: string; state: string; deployment: Deployment | null; clocks: string }>;
const toRow = ({ state, deployment, clocks }: Stored): Row => ({
  target: toTarget(state, deployment),
  clocks: JSON.parse(clocks) as Clocks,
});

/** Every target as it stands now: what it is, what is current on it and in flight, and what it waits for. */
export const current = defineProjection<Row, Item>({
  name: 'current',
  version: 2,
  rowOf: ({ stream }) => stream,
  when: onEach(eventTypes, evolveRow),
  before,
  isSettled: () => false,
  load: async (tx, streams) => {
    const { rows } = await tx.query('select stream, state, deployment, clocks from current where stream = any ($1)', [
      streams,
    ]);
    return new Map(rows.map((row) => [row.stream, toRow(row)]));
  },
  save: (tx, touched) =>
    writeRows(
      tx,
      table,
      [...touched].map(([stream, row]) => toItem(stream, row!)),
    ),
  table,
  itemsOf: (stream, row) => [toItem(stream, row)],
});

export type CurrentFilters = Readonly<{ projects: Reach; project?: string; environmentType?: EnvironmentType }>;
/** `deployment` is the text that is stored: to show it is to pass it on. */
export type CurrentItem = Readonly<{ project: string; target: string; deployment: string }>;
export type CurrentPlace = readonly [project: string, target: string];

/** What runs on each target that runs something, by project and target. */
export const listCurrent = async (
  database: Queryable,
  { projects, project, environmentType }: CurrentFilters,
  { limit, after }: PageQuery<CurrentPlace>,
): Promise<Page<CurrentItem, CurrentPlace>> => {
  const where = new Conditions().and('runs').within(projects);
  if (project !== undefined) where.and('project = ?', project);
  if (environmentType !== undefined) where.and('environment_type = ?', environmentType);
  if (after !== undefined) where.and('(project, key) > (?, ?)', ...after);
  const { rows } = await database.query(
    `select project, key as target, deployment::text as deployment from current where ${where}
     order by project, key limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<CurrentItem, CurrentPlace>(rows, limit, (item) => [item.project, item.target]);
};

/** What runs now on the targets of these streams; those that run nothing are left out. */
export const currentOf = async (database: Queryable, streams: readonly string[]): Promise<Map<string, Deployment>> => {
  const { rows } = await database.query('select stream, deployment from current where stream = any ($1) and runs', [
    streams,
  ]);
  return new Map(rows.map(({ stream, deployment }) => [stream, deployment]));
};

/** What is current on the targets of these streams as the text that is stored, null where nothing is; left out where there is no target. */
export const currentIn = async (
  database: Queryable,
  streams: readonly string[],
): Promise<Map<string, string | null>> => {
  const { rows } = await database.query(
    'select stream, deployment::text as deployment from current where stream = any ($1) and alive',
    [streams],
  );
  return new Map(rows.map(({ stream, deployment }) => [stream, deployment]));
};
