import type { Actor, Deployment, Time } from '#domain';
import type { Queryable } from '#event-store';

import type { CurrentPlace } from './current.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';
import type { Axis } from './tenures-fold.js';
import { micros } from './tenures-rows.js';
import { standingAt } from './time-travel.js';

/** From when to when a deployment was current, and for how long; `until` is null while it still is, and then it counts up to now. */
export type Tenure = Readonly<{ deployment: Deployment; since: Time; until: Time | null; seconds: number }>;

/** A target on which at one moment something else was current than at a later one. */
export type TargetDifference = Readonly<{
  project: string;
  target: string;
  before: Tenure | null;
  after: Tenure | null;
  /** Who created what came; where nothing did, or only something was changed, who sent that. */
  actor: Actor;
  /** How often what is current changed in between, at least once. */
  changes: number;
}>;

export type DifferenceFilters = Readonly<{ projects: Reach; project?: string; from: Time; to: Time; by: Axis }>;

/** The targets whose current deployment was another at `to`, or was not as it had been at `from`; by project and target. */
export const listDifferences = async (
  database: Queryable,
  { projects, project, from, to, by }: DifferenceFilters,
  { limit, after }: PageQuery<CurrentPlace>,
): Promise<Page<TargetDifference, CurrentPlace>> => {
  const where = new Conditions([from, to]).and('axis = ?', by).within(projects);
  where.and(`line.since = '-infinity' and begins <= $2 and ends > $1`);
  where.and('new.since > $1 and old.body::text <> new.body::text');
  if (project !== undefined) where.and('project = ?', project);
  if (after !== undefined) where.and('(project, key) > (?, ?)', ...after);
  const { rows } = await database.query(
    `with differing as materialized (
       select stream, axis, project, key, new.actor, old.body as before, old.number as old, old.began as old_since,
              new.body as after, new.number as new, new.began as new_since
         from tenures as line, ${standingAt('line', '$1')} as old, ${standingAt('line', '$2')} as new
        where ${where} order by project, key limit ${where.param(limit + 1)}
     )
     select project, key as target, actor, before, after,
            ${tenure('old')}, ${tenure('new')},
            (select count(*)::integer from tenures
              where ${SAME_LINE} and since > $1 and since <= $2 and changed) as changes
       from differing, ${endOf('old', '$1')}, ${endOf('new', '$2')}
      order by project, key`,
    where.values,
  );
  return toPage<TargetDifference, CurrentPlace>(rows.map(toDifference), limit, (item) => [item.project, item.target]);
};

const SAME_LINE = 'tenures.stream = differing.stream and tenures.axis = differing.axis';

/** When something else, or nothing, came in place of what stood at a moment. */
const endOf = (name: 'old' | 'new', moment: string): string =>
  `lateral (select min(since) as ${name}_until from tenures
             where ${SAME_LINE} and since > ${moment} and number is distinct from differing.${name}) as end_of_${name}`;

const tenure = (name: 'old' | 'new'): string =>
  `${micros(`${name}_since`)} as ${name}_since, ${micros(`${name}_until`)} as ${name}_until,
   case when ${name}_since > '-infinity'
        then extract(epoch from coalesce(${name}_until, greatest(now(), ${name}_since)) - ${name}_since)::float8 end as ${name}_seconds`;

// oxlint-disable-next-line typescript/no-explicit-any -- as wide as SQL.
const toDifference = (row: any): TargetDifference => {
  const { project, target, before, after, changes } = row;
  const isAnother = after !== null && after.number !== before?.number;
  return {
    project,
    target,
    before: before && { deployment: before, since: row.old_since, until: row.old_until, seconds: row.old_seconds },
    after: after && { deployment: after, since: row.new_since, until: row.new_until, seconds: row.new_seconds },
    actor: isAnother ? after.actor : row.actor,
    changes,
  };
};
