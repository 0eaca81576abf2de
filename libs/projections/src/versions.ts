import type { Queryable } from '#event-store';

import type { CurrentPlace } from './current.js';
import type { DeploymentItem } from './deployments.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';

export type VersionFilters = Readonly<{ projects: Reach; version: string; project?: string }>;

/**
 * The targets that run a version or ran it, by project and target, each with the deployment that says so: the current one
 * where that has the version, else the newest that was current. One that never became current brought no target the version.
 */
export const listTargetsOfVersion = async (
  database: Queryable,
  { projects, version, project }: VersionFilters,
  { limit, after }: PageQuery<CurrentPlace>,
): Promise<Page<DeploymentItem, CurrentPlace>> => {
  const where = new Conditions().and('shown and finished_at is not null').and('version = ?', version);
  if (project === undefined) where.within(projects);
  else where.and('project = ?', project).within(projects);
  const from = after === undefined ? 'true' : `(project, key) > (${where.param(after[0])}, ${where.param(after[1])})`;
  const there = 'project = place.in_project and key = place.of_key and shown';
  const same = where.param(version);
  // From target to target along the index: what a target has run a hundred thousand times is as soon found as anything else.
  const { rows } = await database.query(
    `with recursive place (in_project, of_key) as (
       (select project, key from deployments where ${where} and ${from} order by project, key limit 1)
       union all
       select next.* from place, lateral (
         select project, key from deployments where ${where} and (project, key) > (place.in_project, place.of_key)
          order by project, key limit 1) as next
     )
     select project, key as target, body as deployment
       from (select * from place limit ${where.param(limit + 1)}) as place, lateral (
         select coalesce(
           (select id from current join deployments using (stream)
             where current.project = place.in_project and current.key = place.of_key and runs
               and number = (deployment ->> 'number')::integer and status = 'current' and version = ${same}),
           (select id from deployments where ${there} and version = ${same} and finished_at is not null
             order by id desc limit 1)) as id) as chosen
       join deployments using (id)
      order by project, key`,
    where.values,
  );
  return toPage<DeploymentItem, CurrentPlace>(rows, limit, (item) => [item.project, item.target]);
};

/**
 * The versions of the deployments of a project with ids above `after`, newest first, also of those that do not show: with the
 * last id that was read before as `after`, what came since. A version that a deployment was changed to afterwards is not told.
 */
export const versionsAfter = async (
  database: Queryable,
  project: string,
  { limit, after }: Required<PageQuery<number>>,
): Promise<ReadonlyArray<Readonly<{ id: number; version: string }>>> => {
  const { rows } = await database.query(
    `select id, version from deployments where (project, id) between ($1, $2) and ($1, $3) order by project desc, id desc limit $4`,
    [project, after + 1, Number.MAX_SAFE_INTEGER, limit],
  );
  return rows;
};
