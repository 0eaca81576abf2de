import { isOpen, plainBranch, type Status, type Target, type Time } from '#domain';
import type { Queryable } from '#event-store';

import { isRare, type DeploymentItem } from './deployments.js';
import { Conditions, toPage, type Page, type PageQuery, type Reach } from './page.js';

/** `from` is included, `to` is not; both are of `createdAt`. Filters of commit refs are met together by one ref. */
export type DeploymentFilters = Readonly<{
  projects: Reach;
  project?: string;
  target?: string;
  status?: Status;
  version?: string;
  repository?: string;
  branch?: string;
  commit?: string;
  /** Id of who created it, as the log has it. */
  actor?: string;
  /** Or one of several: people have an opaque id for each way of naming them. */
  actors?: readonly string[];
  from?: Time;
  to?: Time;
}>;

/** The history, newest first. A place is the id of a deployment, so pages stay right while others are added. */
export const listDeployments = async (
  database: Queryable,
  given: DeploymentFilters,
  { limit, after }: PageQuery<number>,
): Promise<Page<DeploymentItem, number>> => {
  const { where, columns } = historyWhere(given, after);
  const { rows } = await database.query(
    `select project, key as target, body as deployment from deployments where ${where}
     order by ${columns.map((column) => `${column} desc`).join()} limit ${where.param(limit + 1)}`,
    where.values,
  );
  return toPage<DeploymentItem, number>(rows, limit, ({ deployment }) => deployment.created.position!);
};

/** Those of these targets of a project that have a deployment which was retired since the target was made. */
export const keysWithRetired = async (
  database: Queryable,
  project: string,
  targets: ReadonlyArray<Pick<Target, 'key' | 'createdAt'>>,
): Promise<string[]> => {
  const { rows } = await database.query(
    `select distinct key from unnest($2::text[], $3::timestamptz[]) as target (key, created_at) join deployments using (key)
      where project = $1 and rare_status = 'retired' and (body ->> 'endedAt')::timestamptz >= target.created_at and shown`,
    [project, targets.map(({ key }) => key), targets.map(({ createdAt }) => createdAt)],
  );
  return rows.map(({ key }) => key);
};

/** Whether a deployment of this version failed on a target for want of time, as its `failureReason` says. */
export const hasTimedOut = async (
  database: Queryable,
  { project, key, version }: Readonly<{ project: string; key: string; version: string }>,
): Promise<boolean> => {
  const { rows } = await database.query(
    `select from deployments where project = $1 and key = $2 and version = $3 and rare_status = 'failed'
        and body ->> 'failureReason' = 'timeout' and shown limit 1`,
    [project, key, version],
  );
  return rows.length > 0;
};

/** What a deployment must meet, for lists in another order than the history's and for counts: no index is chosen for it. */
export const historyFilter = (given: DeploymentFilters, values: unknown[] = []): Conditions =>
  conditionsOf(plain(given), values);

/** What a deployment of the history must meet, and the columns by which an index has them in their order; behind `after`, where that is given. */
export const historyWhere = (
  given: DeploymentFilters,
  after?: number,
): Readonly<{ where: Conditions; columns: readonly string[] }> => {
  const filters = plain(given);
  const index = filters.commit === undefined ? indexFor(filters) : [];
  const where = conditionsOf(filters).and(...stretch(filters, index, after));
  // Commits and people are rare, but no statistics say so: in the order of ids the planner would look for one through the whole history.
  const isRare = filters.commit !== undefined || (index.length === 0 && filters.actors !== undefined);
  return { where, columns: [...index, isRare ? 'id + 0' : 'id'] };
};

type Filters = DeploymentFilters & Readonly<{ key?: string | undefined; rare_status?: Status }>;
type Column = 'project' | 'key' | 'rare_status' | 'version' | 'actor';

/** By the names of the columns, the branch as it is compared. A reach of one project is that project. */
const plain = ({ target: key, ...filters }: DeploymentFilters): Filters => ({
  ...filters,
  ...(key === undefined ? {} : { key }),
  ...(filters.status !== undefined && isRare(filters.status) ? { rare_status: filters.status } : {}),
  ...(filters.branch === undefined ? {} : { branch: plainBranch(filters.branch) }),
  ...(filters.project === undefined && filters.projects.length === 1 && filters.projects !== '*'
    ? { project: filters.projects[0]! }
    : {}),
});

/**
 * The columns of the index to walk along: each ends in the id, so that a page is one stretch of it. Left alone the planner
 * would walk along the ids, as if every filter matched evenly all over the history; an old version does not.
 */
const indexFor = ({ project, key, status, rare_status, version, actor, actors }: Filters): readonly Column[] => {
  if (project !== undefined && key !== undefined) return ['project', 'key'];
  if (status !== undefined && isOpen(status)) return ['rare_status'];
  if (version !== undefined) return ['version'];
  if (project !== undefined) return ['project'];
  if (actor !== undefined) return ['actor'];
  if (actors !== undefined) return [];
  return rare_status === undefined ? [] : ['rare_status'];
};

/** Within the index: rows that have these values, with ids below the last one shown. */
const stretch = (
  filters: Filters,
  index: readonly Column[],
  after: number | undefined,
): [text: string, ...values: unknown[]] => {
  if (index.length === 0) return after === undefined ? ['true'] : ['id < ?', after];
  const values = index.map((column) => filters[column]);
  const places = index.map(() => '?').join();
  const last = after === undefined ? Number.MAX_SAFE_INTEGER : after - 1;
  return [`(${index.join()}, id) between (${places}, 0) and (${places}, ?)`, ...values, ...values, last];
};

const conditions: Readonly<Partial<Record<keyof Filters, string>>> = {
  project: 'project = ?',
  key: 'key = ?',
  status: 'status = ?',
  rare_status: 'rare_status = ?',
  version: 'version = ?',
  actor: 'actor = ?',
  actors: 'actor = any (?)',
  from: 'created_at >= ?',
  to: 'created_at < ?',
  repository: 'repositories @> array[?]',
  branch: 'branches @> array[?]',
  commit: 'commits @> array[?]',
};

const conditionsOf = (filters: Filters, values: unknown[] = []): Conditions => {
  const where = new Conditions(values).and('shown').within(filters.projects);
  for (const [name, text] of Object.entries(conditions)) {
    const value = filters[name as keyof Filters];
    if (value !== undefined) where.and(text, value);
  }
  const { repository, branch, commit } = filters;
  if ([repository, branch, commit].filter((each) => each !== undefined).length > 1) where.and(...oneRef(filters));
  return where;
};

/** The arrays find by their index where each filter is met by some ref; this asks that it is one and the same. */
const oneRef = ({ repository, branch, commit }: Filters): [text: string, ...values: unknown[]] => [
  `exists (select from json_to_recordset(body -> 'commitRefs') as ref (repository text, branch text, commit text)
            where ref.repository = coalesce(?, ref.repository)
              and regexp_replace(ref.branch, '^refs/heads/', '') = coalesce(?, regexp_replace(ref.branch, '^refs/heads/', ''))
              and ref.commit is not distinct from coalesce(?, ref.commit))`,
  repository,
  branch,
  commit,
];
