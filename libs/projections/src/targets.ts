import { type Target } from '#domain';
import { column, writeRows, type Queryable, type Table } from '#event-store';

import { eventTypes, type LogEvent } from './log-events.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';
import { defineProjection, onEach } from './define-projection.js';
import { currentText, evolveTarget, isFirst, targetColumns, type TargetItem } from './target-rows.js';

type Row = Readonly<{ target: Target; position: number }>;

const evolveRow = (row: Row | undefined, event: LogEvent): Row => ({
  target: evolveTarget(row?.target, event),
  position: event.position!,
});

type Item = TargetItem & Row;
const table: Table<Item> = {
  name: 'targets',
  key: ['stream'],
  columns: [
    ...targetColumns,
    column.boolean('alive', ({ target }) => target.exists),
    column.integer('version', ({ target }) => target.version),
    column.bigint('position', ({ position }) => position),
  ],
};

/** Every target as it is now. */
export const targets = defineProjection<Row, Item>({
  name: 'targets',
  version: 1,
  rowOf: ({ stream }) => stream,
  when: onEach(eventTypes, evolveRow),
  begins: isFirst,
  isSettled: () => false,
  load: async (tx, streams) => {
    const { rows } = await tx.query('select stream, position, state from targets where stream = any ($1)', [streams]);
    return new Map(rows.map(({ stream, position, state }) => [stream, { target: state, position: Number(position) }]));
  },
  save: (tx, touched) =>
    writeRows(
      tx,
      table,
      [...touched].map(([stream, row]) => ({ stream, ...row! })),
    ),
  table,
  itemsOf: (stream, row) => [{ stream, ...row }],
});

export type ProjectItem = Readonly<{ key: string; targets: number }>;

/** Projects by key, with the number of their targets. A project is there as long as it has a target. */
export const listProjects = async (
  database: Queryable,
  { projects }: { projects: Reach },
  { limit, after }: PageQuery<string>,
): Promise<Page<ProjectItem, string>> => {
  const where = new Conditions().and('alive').within(projects);
  if (after !== undefined) where.and('project > ?', after);
  const { rows } = await database.query(
    `select project as key, count(*)::integer as targets from targets where ${where}
     group by project order by project limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<ProjectItem, string>(rows, limit, ({ key }) => key);
};

/** Whether the project has a target. */
export const projectExists = async (database: Queryable, project: string): Promise<boolean> => {
  const { rows } = await database.query('select from targets where project = $1 and alive limit 1', [project]);
  return rows.length > 0;
};

/** The targets of a project by key. */
export const listTargets = async (
  database: Queryable,
  project: string,
  { limit, after }: PageQuery<string>,
): Promise<Page<Target, string>> => {
  const where = new Conditions().and('alive').and('project = ?', project);
  if (after !== undefined) where.and('key > ?', after);
  const { rows } = await database.query(
    `select state from targets where ${where} order by key limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<Target, string>(
    rows.map(({ state }) => state),
    limit,
    ({ key }) => key,
  );
};

/** The targets of these streams; those that do not exist, or no longer, are left out. */
export const targetsOf = async (database: Queryable, streams: readonly string[]): Promise<Map<string, Target>> => {
  const { rows } = await database.query('select stream, state from targets where stream = any ($1) and alive', [
    streams,
  ]);
  return new Map(rows.map(({ stream, state }) => [stream, state]));
};

/** What is current on the targets of these streams as the text that is stored, null where nothing is; left out as by `targetsOf`. */
export const currentIn = async (
  database: Queryable,
  streams: readonly string[],
): Promise<Map<string, string | null>> => {
  const { rows } = await database.query(
    'select stream, state::text as state from targets where stream = any ($1) and alive',
    [streams],
  );
  return new Map(
    rows.map(({ stream, state }) => {
      const text = currentText(state);
      return [stream, text === 'null' ? null : text];
    }),
  );
};
