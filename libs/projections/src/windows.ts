import { plainBranch, type Status, type Target, type Time } from '#domain';
import type { Queryable } from '#event-store';

import type { DeploymentItem } from './deployments.js';
import { historyFilter, historyWhere, type DeploymentFilters } from './history.js';
import type { Conditions } from './page.js';
import { rereadTarget } from './target-states.js';

/** What a window can be in the order of; of the same, ids decide. What was never finished comes last. */
export type WindowOrder = 'id' | 'createdAt' | 'updatedAt' | 'finishedAt' | 'ref';

/** `offset` items are left out, then at most `limit` come; newest first unless the window says otherwise. */
export type Window = Readonly<{ offset: number; limit: number; order?: WindowOrder; ascending?: boolean }>;

/** A text in the metadata, and what counts where there is none. */
export type Member = Readonly<{ path: readonly string[]; is: string; byDefault: string }>;

/** One of these statuses, and where it matters what the metadata says beside it. */
export type Standing = Readonly<{ statuses: readonly Status[]; member?: Member }>;

/** Besides what the history filters by, what systems ask that number their pages. */
export type WindowFilters = DeploymentFilters &
  Readonly<{
    /** Only of targets with one of these keys. */
    targets?: readonly string[];
    /** A branch of its commit refs; of one without any, its version. */
    ref?: string;
    member?: Member;
    /** One of these. */
    standings?: readonly Standing[];
    /** Both are included. */
    updatedFrom?: Time;
    updatedTo?: Time;
    /** `finishedFrom` is included, `finishedTo` is not. */
    finishedFrom?: Time;
    finishedTo?: Time;
  }>;

/** When it began, succeeded, failed or was given up, whichever came last: what takes its place later does not change it. */
const UPDATED_AT = `coalesce(greatest(finished_at, failed_at), (body ->> 'endedAt')::timestamptz,
                             (body ->> 'startedAt')::timestamptz, created_at)`;

const orders: Readonly<Record<Exclude<WindowOrder, 'id'>, string>> = {
  createdAt: 'created_at',
  updatedAt: UPDATED_AT,
  finishedAt: 'finished_at',
  ref: 'coalesce(branches[1], version)',
};

/**
 * A stretch of the history by its place, and how many there are in all. Places shift while deployments are added, as they do
 * for all who number pages; `listDeployments` is for those who can be handed a cursor. A late page costs little more than the
 * first, for all that the filters leave is counted for each; in another order than that of ids it is sorted for each, too.
 */
export const windowOfDeployments = async (
  database: Queryable,
  filters: WindowFilters,
  window: Window,
): Promise<DeploymentWindow> => {
  const { text, values } = windowQuery(filters, window, 'select place, project, target, deployment from found');
  return windowIn((await database.query(text, values)).rows);
};

/** A window of all deployments but those of targets with the key `exceptTarget`, which are not counted. */
export const uncountedWindow = async (
  database: Queryable,
  { exceptTarget, ...filters }: WindowFilters & Readonly<{ exceptTarget?: string }>,
  window: Window,
): Promise<readonly DeploymentItem[]> => {
  const { where, order } = stretchOf(filters, window);
  narrow(where, filters);
  if (exceptTarget !== undefined) where.and('key <> ?', exceptTarget);
  const { rows } = await database.query(
    `select project, key as target, body as deployment from deployments where ${where} order by ${order} ${limitsOf(where, window)}`,
    where.values,
  );
  return rows;
};

/** The same, and the targets of these deployments as they are, by stream; those that are gone are left out. */
export const windowWithTargets = async (
  database: Queryable,
  filters: WindowFilters,
  window: Window,
): Promise<DeploymentWindow & Readonly<{ targets: ReadonlyMap<string, Target> }>> => {
  // Beside the first of its deployments, for a page names few targets again and again.
  const { text, values } = windowQuery(
    filters,
    window,
    `select found.*, on_it.state, on_it.deployment::text as current
       from (select found.*, row_number() over (partition by stream order by place) = 1 as is_first from found) as found
       left join current as on_it on on_it.stream = found.stream and on_it.alive and is_first`,
  );
  const { rows } = await database.query(text, values);
  const stated = rows.filter(({ state }) => state !== null);
  const targets = new Map(stated.map(({ stream, state, current }) => [stream, rereadTarget(stream, state, current)]));
  return { ...windowIn(rows), targets };
};

export type DeploymentWindow = Readonly<{ items: readonly DeploymentItem[]; total: number }>;

const limitsOf = (where: Conditions, { limit, offset }: Window): string =>
  `limit ${where.param(limit)} offset ${where.param(offset)}`;

/** One statement, so that what is counted is what is paged through; `rows` are made of the rows `found`. */
function windowQuery(filters: WindowFilters, window: Window, rows: string) {
  const { where, order } = stretchOf(filters, window);
  narrow(where, filters);
  const count = countOf(filters, where.values);
  const text = `
    with found as (
      select place, stream, project, key as target, body as deployment
        from unnest(array(select id from deployments where ${where} order by ${order} ${limitsOf(where, window)}))
               with ordinality as found (id, place)
        join deployments using (id))
    select total, found.* from (${count}) as counted left join (${rows}) as found on true order by place`;
  return { text, values: where.values };
}

/** No order is asked for what is counted: compared with the ends of a stretch, each would cost twice as much. */
function countOf(filters: WindowFilters, values: unknown[]): string {
  const counted = historyFilter(filters, values);
  narrow(counted, filters);
  return `select count(*)::integer as total from deployments where ${counted}`;
}

function windowIn(rows: readonly WindowRow[]): DeploymentWindow {
  const items = rows.filter(({ place }) => place !== null);
  return {
    items: items.map(({ project, target, deployment }) => ({ project, target, deployment })),
    total: rows[0]?.total ?? 0,
  };
}
type WindowRow = DeploymentItem & Readonly<{ place: number | null; total: number }>;

function narrow(where: Conditions, { ref, member, targets, standings, ...times }: WindowFilters): void {
  if (targets !== undefined) where.and('key = any (?)', targets);
  if (ref !== undefined)
    where.and(
      `(branches @> array[?] or commits = '{}' and branches = '{}' and version = ?)`,
      plainBranch(ref),
      plainBranch(ref),
    );
  if (member !== undefined) where.and(HAS_MEMBER, ...valuesOf(member));
  if (standings !== undefined)
    where.and(
      `(${standings.map((each) => `status = any (?)${each.member ? ` and ${HAS_MEMBER}` : ''}`).join(' or ') || 'false'})`,
      ...standings.flatMap((each) => [each.statuses, ...(each.member ? valuesOf(each.member) : [])]),
    );
  for (const [name, text] of Object.entries(moments)) {
    const moment = times[name as keyof typeof moments];
    if (moment !== undefined) where.and(text, moment);
  }
}

const HAS_MEMBER = `coalesce(body -> 'metadata' #>> ?::text[], ?) = ?`;
const valuesOf = ({ path, byDefault, is }: Member): unknown[] => [path, byDefault, is];

const moments = {
  updatedFrom: `${UPDATED_AT} >= ?`,
  updatedTo: `${UPDATED_AT} <= ?`,
  finishedFrom: 'finished_at >= ?',
  finishedTo: 'finished_at < ?',
};

function stretchOf(filters: WindowFilters, { order = 'id', ascending = false }: Window) {
  const direction = ascending ? 'asc' : 'desc';
  if (order === 'id') {
    const { where, columns } = historyWhere(filters);
    return { where, order: columns.map((column) => `${column} ${direction}`).join() };
  }
  // Where nothing unfinished is left, an index has them in this order.
  const isFinished = (filters.finishedFrom ?? filters.finishedTo) !== undefined;
  const last = order === 'finishedAt' && !isFinished ? ' nulls last' : '';
  return { where: historyFilter(filters), order: `${orders[order]} ${direction}${last}, id ${direction}` };
}
