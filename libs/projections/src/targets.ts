import type { Target } from '#domain';
import type { Queryable } from '#event-store';

import { Conditions, toPage, type Digest, type Page, type PageQuery, type Reach } from './page.js';
import { readTarget, toTarget } from './target-states.js';

export type ProjectItem = Readonly<{ key: string; targets: number }>;

/** Projects by key, with the number of their targets. A project is there as long as it has a target. */
export const listProjects = async (
  database: Queryable,
  { projects, digest }: Readonly<{ projects: Reach; digest?: Digest }>,
  { limit, after }: PageQuery<string>,
): Promise<Page<ProjectItem, string>> => {
  const where = new Conditions().and('alive').within(projects);
  if (digest !== undefined) where.digested('project', digest);
  if (after !== undefined) where.and('project > ?', after);
  const { rows } = await database.query(
    `select project as key, count(*)::integer as targets from current where ${where}
     group by project order by project limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<ProjectItem, string>(rows, limit, ({ key }) => key);
};

/** Whether the project has a target. */
export const projectExists = async (database: Queryable, project: string): Promise<boolean> => {
  const { rows } = await database.query('select from current where project = $1 and alive limit 1', [project]);
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
    `select state, deployment from current where ${where} order by key limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<Target, string>(
    rows.map(({ state, deployment }) => toTarget(state, deployment)),
    limit,
    ({ key }) => key,
  );
};

/** The targets of these streams; those that do not exist, or no longer, are left out. */
export const targetsOf = async (database: Queryable, streams: readonly string[]): Promise<Map<string, Target>> => {
  const { rows } = await database.query(
    'select stream, state, deployment::text as deployment from current where stream = any ($1) and alive',
    [streams],
  );
  return new Map(rows.map(({ stream, state, deployment }) => [stream, readTarget(state, deployment)]));
};
