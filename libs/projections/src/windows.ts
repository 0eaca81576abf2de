import { LRUCache } from 'lru-cache';

import { plainBranch, type Status, type Target, type Time } from '#domain';
import type { Queryable } from '#event-store';

import { checkpointOf } from './advance.js';
import type { DeploymentItem } from './deployments.js';
import { historyFilter, historyWhere, type DeploymentFilters } from './history.js';
import type { Conditions } from './page.js';
import { rereadDeployment, rereadTarget } from './target-states.js';

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
    ref?: Readonly<{ branch: string; version: string }>;
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
 * for all who number pages; `listDeployments` is for those who can be handed a cursor. While nothing is written a late page costs
 * little more than the first. Else what the filters leave is counted for each page, and what comes before it is read, if only along
 * an index; in another order than that of ids it is always sorted.
 */
export const windowOfDeployments = async (
  database: Queryable,
  filters: WindowFilters,
  window: Window,
): Promise<DeploymentWindow> => {
  const { page } = await readWindow(
    database,
    { filters, window },
    { columns: DEPLOYMENT, rows: 'select * from listed' },
  );
  return page;
};

/** The same, and the targets of these deployments as they are, by stream; those that are gone are left out. */
export const windowWithTargets = async (
  database: Queryable,
  filters: WindowFilters,
  window: Window,
): Promise<DeploymentWindow & Readonly<{ targets: ReadonlyMap<string, Target> }>> => {
  // Beside the first of its deployments, for a page names few targets again and again.
  const { page, rows } = await readWindow(
    database,
    { filters, window },
    {
      columns: [...DEPLOYMENT, 'stream', 'state', 'current'],
      rows: `select place, bears_count, listed.project, target, listed.deployment, on_it.stream, state, on_it.deployment::text as current
               from (select *, row_number() over (partition by stream order by place) = 1 as is_first from listed) as listed
               left join current as on_it on on_it.stream = listed.stream and on_it.alive and is_first`,
    },
  );
  const stated = rows.filter(({ state }) => state !== null);
  const targets = new Map(stated.map(({ stream, state, current }) => [stream, rereadTarget(stream, state, current)]));
  return { ...page, targets };
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
    `select project, key as target, body::text as deployment from deployments where ${where} order by ${order} ${limitsOf(where, window)}`,
    where.values,
  );
  return rows.map(itemIn);
};

export type DeploymentWindow = Readonly<{ items: readonly DeploymentItem[]; total: number }>;

const limitsOf = (where: Conditions, { limit, offset }: Window): string =>
  `limit ${where.param(limit)} offset ${where.param(offset)}`;

type Counted = Readonly<{ asOf: string | null; total: number }>;

/** Who walks through the pages of a list asks for the same count each time: while the view stands where it stood, it is the same. */
const MOST_COUNTS = 500;
const counts = new WeakMap<Queryable, LRUCache<string, Counted>>();

function countsOf(database: Queryable): LRUCache<string, Counted> {
  const known = counts.get(database) ?? new LRUCache({ max: MOST_COUNTS });
  counts.set(database, known);
  return known;
}

const DEPLOYMENT = ['project', 'target', 'deployment'];

/** Which columns of which rows, made of the rows `listed`: each that is read of each row takes its time. */
type Shape = Readonly<{ columns: readonly string[]; rows: string }>;

/** One statement, so that what is counted is what is paged through. */
async function readWindow(database: Queryable, { filters, window }: Asked, shape: Shape) {
  const known = countsOf(database);
  const key = JSON.stringify(filters);
  const { text, values } = windowQuery(filters, window, { ...shape, counted: known.get(key) });
  const found = (await database.query(text, values)).rows;
  const { total, asOf } = found.find((row) => row.total !== null) as Counted;
  known.set(key, { total, asOf });
  const items = found.filter(({ deployment }) => deployment !== null);
  const page: DeploymentWindow = { items: items.map(itemIn), total };
  return { page, rows: found };
}
type Asked = Readonly<{ filters: WindowFilters; window: Window }>;

type Row = Readonly<{ project: string; target: string; deployment: string }>;

const itemIn = ({ project, target, deployment }: Row): DeploymentItem => ({
  project,
  target,
  deployment: rereadDeployment(deployment),
});

/** `counted` is what was counted before, and how far the view was then. */
function windowQuery(
  filters: WindowFilters,
  window: Window,
  { columns, rows, counted }: Shape & Readonly<{ counted?: Counted | undefined }>,
) {
  const { where, order } = stretchOf(filters, window);
  narrow(where, filters);
  const count = countOf(filters, where.values);
  const [asOf, total] = [counted?.asOf ?? null, counted?.total ?? null].map((each) => where.param(each));
  const stood = `(select "asOf" from stands) = ${asOf}::text`;
  const ids = (by: string, of: Window): string =>
    `array(select id from deployments where ${where} order by ${by} ${limitsOf(where, of)})`;
  const turned = counted && mayTurn(filters, window) ? turnedOf(window, counted.total) : undefined;
  const backwards = turned && ids(stretchOf(filters, turned).order, turned);
  const page = ids(order, window);
  const text = `
    with stands as materialized (
      select (select (position, moved_at)::text from checkpoints where name = '${checkpointOf('deployments')}') as "asOf"),
    listed as (
      select ${backwards ? `case when ${stood} then -n else n end` : 'n'} as place, n = 1 as bears_count,
             stream, project, key as target, body::text as deployment
        from unnest(${backwards ? `case when ${stood} then ${backwards} else ${page} end` : page}) with ordinality as numbered (id, n)
        join deployments using (id))
    select case when bears_count is not false then case when ${stood} then ${total}::integer else (${count}) end end as total,
           case when bears_count is not false then "asOf" end as "asOf", ${columns.join()}
      from stands left join (${rows}) as page on true order by place`;
  return { text, values: where.values };
}

/**
 * The same window from the other end, which is the nearer one to a late page: what is left out before a page is read all the same.
 * Undefined where it is not nearer.
 */
function turnedOf({ offset, limit, ascending = false, ...window }: Window, total: number): Window | undefined {
  const behind = total - offset - limit;
  if (behind >= offset) return undefined;
  const within = Math.max(limit + Math.min(behind, 0), 0);
  return { ...window, offset: Math.max(behind, 0), limit: within, ascending: !ascending };
}

/** What was never finished comes last both ways. */
const mayTurn = (filters: WindowFilters, { order }: Window): boolean => order !== 'finishedAt' || isOfFinished(filters);

const isOfFinished = ({ finishedFrom, finishedTo }: WindowFilters): boolean =>
  (finishedFrom ?? finishedTo) !== undefined;

/** No order is asked for what is counted: compared with the ends of a stretch, each would cost twice as much. */
function countOf(filters: WindowFilters, values: unknown[]): string {
  const counted = historyFilter(filters, values);
  narrow(counted, filters);
  return `select count(*)::integer as total from deployments where ${counted}`;
}

function narrow(where: Conditions, { ref, member, targets, standings, ...times }: WindowFilters): void {
  if (targets !== undefined) where.and('key = any (?)', targets);
  if (ref !== undefined)
    where.and(
      `(branches @> array[?] or commits = '{}' and branches = '{}' and version = ?)`,
      plainBranch(ref.branch),
      ref.version,
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
  const last = order === 'finishedAt' && !isOfFinished(filters) ? ' nulls last' : '';
  return { where: historyFilter(filters), order: `${orders[order]} ${direction}${last}, id ${direction}` };
}
