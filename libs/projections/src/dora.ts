import type { Time } from '#domain';
import type { Queryable } from '#event-store';

/** How many deployments and targets are named at most; the counts are of all. */
const NAMED = 100;

/** How many, and the ids of the newest of them. */
export type Counted = Readonly<{ count: number; deployments: readonly number[] }>;

export type Restoration = Readonly<{
  deployment: number;
  failedAt: Time;
  restoredBy: number | null;
  restoredAt: Time | null;
  seconds: number | null;
}>;

/** The four keys of one target or of many. A median of nothing is null. */
export type DoraFigures = Readonly<{
  target: string | null;
  days: number;
  successes: Counted;
  changes: Counted;
  failures: Counted;
  restored: Readonly<{ count: number; medianSeconds: number | null; restorations: readonly Restoration[] }>;
  lead: Counted & Readonly<{ medianSeconds: number | null }>;
}>;

/** `from` is included, `to` is not. */
export type DoraPeriod = Readonly<{ project: string; target?: string; from: Time; to: Time }>;

/** Figures of all that was asked for, then by target those of each that has any, as far as they are named. */
export type Dora = Readonly<{ whole: DoraFigures; targets: readonly DoraFigures[]; targetCount: number }>;

const newest = (what: string, condition: string): string =>
  `coalesce((array_agg(${what} order by id desc) filter (where ${condition}))[1:${NAMED}], '{}')`;
const counted = (condition: string): string =>
  `json_build_object('count', count(*) filter (where ${condition}), 'deployments', ${newest('id', condition)})`;
const median = (seconds: string): string => `percentile_cont(0.5) within group (order by ${seconds})`;
const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const isSuccess = 'finished_at is not null';
const isRestored = 'is_failure and restored_at is not null';
const hasLead = 'is_change and committed_at <= finished_at';

/** A median leaves out what is null. */
const secondsIf = (condition: string, from: string, to: string): string =>
  `case when ${condition} then extract(epoch from ${to} - ${from})::float8 end`;
const restoreSeconds = secondsIf(isRestored, 'failed_at', 'restored_at');
const leadSeconds = secondsIf(hasLead, 'committed_at', 'finished_at');

const restoration = `json_build_object('deployment', id, 'failedAt', ${moment('failed_at')}, 'restoredBy', restored_by,
  'restoredAt', ${moment('restored_at')}, 'seconds', ${restoreSeconds})`;

const figures = `${counted(isSuccess)} as successes, ${counted('is_change')} as changes, ${counted('is_failure')} as failures,
  json_build_object('count', count(*) filter (where ${isRestored}), 'medianSeconds', ${median(restoreSeconds)},
                    'restorations', ${newest(restoration, 'is_failure')}) as restored,
  json_build_object('count', count(*) filter (where ${hasLead}), 'medianSeconds', ${median(leadSeconds)},
                    'deployments', ${newest('id', hasLead)}) as lead`;

/** From target to target along an index, so that each is asked for its part of the period, and for nothing else. */
const everyTarget = `
  (select key as of_key from deployments where project = $1 order by key limit 1)
  union all
  select next.key from place, lateral (
    select key from deployments where project = $1 and key > place.of_key order by key limit 1) as next`;

/**
 * The four keys of DORA over a period, from what was decided in it: a deployment belongs to the moment it became current, or
 * failed without having been that. What it has become since counts: a recovered one is no failure, one rolled back later is.
 */
export const readDora = async (database: Queryable, { project, target, from, to }: DoraPeriod): Promise<Dora> => {
  const columns = 'key, id, finished_at, failed_at, committed_at, not rolls_back as is_change';
  const there = 'from deployments where project = $1 and key = of_key and shown and finished_at';
  const [places, name, groups] =
    target === undefined
      ? [everyTarget, 'key', 'grouping sets ((), (key))']
      : ['select $4::text as of_key', 'null::text', '()'];
  const { rows } = await database.query(
    `with recursive place as (${places}), decided as (
       select decided.*, is_change and failed_at is not null as is_failure, restored_at, restored_by
         from place, lateral (
           select ${columns} ${there} >= $2 and finished_at < $3
           union all
           select ${columns} ${there} is null and failed_at >= $2 and failed_at < $3) as decided
         left join lateral (
           select finished_at as restored_at, id as restored_by ${there} is not null
              and decided.is_change and (finished_at, id) > (decided.failed_at, decided.id)
            order by finished_at, id limit 1) as restoring on true
     )
     select ${name} as target, extract(epoch from $3::timestamptz - $2::timestamptz)::float8 / 86400 as days,
            count(*) over () as groups, ${figures}
       from decided group by ${groups} order by target nulls first limit ${NAMED + 1}`,
    [project, from, to, ...(target === undefined ? [] : [target])],
  );
  const [whole, ...targets] = rows.map(({ groups: _, ...each }) => each as DoraFigures);
  return { whole: whole!, targets, targetCount: Number(rows[0]!.groups) - 1 };
};
