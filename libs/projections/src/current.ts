import type { Deployment, EnvironmentType, Target } from '#domain';
import { column, writeRows, type Queryable, type Table } from '#event-store';

import { eventTypes } from './log-events.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';
import { defineProjection, onEach } from './define-projection.js';
import { currentText, evolveTarget, isFirst, targetColumns, type TargetItem } from './target-rows.js';

const table: Table<TargetItem> = {
  name: 'current',
  key: ['stream'],
  columns: [
    ...targetColumns,
    column.text('environment_type', ({ target }) => target.environmentType),
    column.boolean('runs', ({ target }) => target.current !== null),
  ],
};

/** What runs on every target. A row also of a target that runs nothing: it has what is in flight there, which may become current. */
export const current = defineProjection<Target, TargetItem>({
  name: 'current',
  version: 1,
  rowOf: ({ stream }) => stream,
  when: onEach(eventTypes, evolveTarget),
  begins: isFirst,
  isSettled: () => false,
  load: async (tx, streams) => {
    const { rows } = await tx.query('select stream, state from current where stream = any ($1)', [streams]);
    return new Map(rows.map(({ stream, state }) => [stream, state]));
  },
  save: (tx, touched) =>
    writeRows(
      tx,
      table,
      [...touched].map(([stream, target]) => ({ stream, target: target! })),
    ),
  table,
  itemsOf: (stream, target) => [{ stream, target }],
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
    `select project, key as target, state::text as state from current where ${where}
     order by project, key limit ${where.param(limit + 1)}`,
    where.values,
  );
  const items = rows.map(({ project: own, target, state }) => ({
    project: own,
    target,
    deployment: currentText(state),
  }));
  return toPage<CurrentItem, CurrentPlace>(items, limit, (item) => [item.project, item.target]);
};

/** What runs now on the targets of these streams; those that run nothing are left out. */
export const currentOf = async (database: Queryable, streams: readonly string[]): Promise<Map<string, Deployment>> => {
  const { rows } = await database.query(
    `select stream, state -> 'current' as deployment from current where stream = any ($1) and runs`,
    [streams],
  );
  return new Map(rows.map(({ stream, deployment }) => [stream, deployment]));
};
