import { plainBranch } from '#domain';
import type { Queryable } from '#event-store';

import type { DeploymentItem } from './deployments.js';
import { historyWhere, type DeploymentFilters } from './history.js';

/** `offset` items are left out, then at most `limit` come; newest first. */
export type Window = Readonly<{ offset: number; limit: number }>;

/** Besides what the history filters by, what systems ask that number their pages. */
export type WindowFilters = DeploymentFilters &
  Readonly<{
    /** Only of targets with one of these keys. */
    targets?: readonly string[];
    /** A branch of its commit refs; of one without any, its version. */
    ref?: string;
    /** A text in the metadata, and what counts where there is none. */
    member?: Readonly<{ path: readonly string[]; is: string; byDefault: string }>;
  }>;

/**
 * A stretch of the history by its place, and how many there are in all. Places shift while deployments are added, as they do
 * for all who number pages; `listDeployments` is for those who can be handed a cursor. A late page costs little more than the
 * first: what is left out is counted along an index and never read.
 */
export const windowOfDeployments = async (
  database: Queryable,
  { ref, member, targets, ...filters }: WindowFilters,
  { offset, limit }: Window,
): Promise<Readonly<{ items: readonly DeploymentItem[]; total: number }>> => {
  const { where, order } = historyWhere(filters);
  if (targets !== undefined) where.and('key = any (?)', targets);
  if (ref !== undefined)
    where.and(
      `(branches @> array[?] or commits = '{}' and branches = '{}' and version = ?)`,
      plainBranch(ref),
      plainBranch(ref),
    );
  if (member !== undefined)
    where.and(`coalesce(body -> 'metadata' #>> ?::text[], ?) = ?`, member.path, member.byDefault, member.is);
  const window = `select id as place, project, key as target, body as deployment from deployments
                   where id = any (array(select id from deployments where ${where}
                                          order by ${order} limit ${where.param(limit)} offset ${where.param(offset)}))`;
  // One statement, so that what is counted is what is paged through.
  const { rows } = await database.query(
    `select total, found.* from (select count(*)::integer as total from deployments where ${where}) as counted
       left join (${window}) as found on true
      order by place desc`,
    where.values,
  );
  const items = rows.filter(({ place }) => place !== null);
  return {
    items: items.map(({ project, target, deployment }) => ({ project, target, deployment })),
    total: rows[0].total,
  };
};
