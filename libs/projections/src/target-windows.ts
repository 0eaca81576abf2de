import type { Target } from '#domain';
import type { Queryable } from '#event-store';

import { Conditions, type Reach } from './page.js';
import { toTarget } from './target-states.js';
import type { Window } from './windows.js';

/** What of a target a text may be looked for in. */
const members = {
  key: 'key',
  name: `coalesce(state::json ->> 'name', key)`,
  description: `state::json ->> 'description'`,
  externalUrl: `state::json ->> 'externalUrl'`,
  labels: `state::json ->> 'labels'`,
} as const;

export type TargetFilters = Readonly<{
  projects: Reach;
  /** Only of these projects. */
  within?: readonly string[];
  /** Of none of these. */
  without?: readonly string[];
  /** Each stands in one of its members, in whatever case. */
  texts?: ReadonlyArray<Readonly<{ members: ReadonlyArray<keyof typeof members>; text: string }>>;
}>;

const orders = {
  key: [],
  name: [`lower(coalesce(state::json ->> 'name', key))`],
  createdAt: [`state::json ->> 'createdAt'`],
  /** When what is current became so; targets that run nothing come first. */
  deployedAt: [`coalesce(deployment ->> 'finishedAt', '')`],
} as const;

export type TargetOrder = Readonly<{ by: keyof typeof orders; isDescending: boolean }>;

/** A stretch of the targets by its place, and how many there are in all, for systems that page so. */
export const windowOfTargets = async (
  database: Queryable,
  { projects, within, without, texts = [] }: TargetFilters,
  { offset, limit, by, isDescending }: Window & TargetOrder,
): Promise<Readonly<{ items: readonly Target[]; total: number }>> => {
  const where = new Conditions().and('alive').within(projects);
  if (within !== undefined) where.and('project = any (?)', within);
  if (without !== undefined && without.length > 0) where.and('not project = any (?)', without);
  for (const { members: named, text } of texts) {
    const found = named.map((name) => `position(lower(?) in lower(${members[name]})) > 0`);
    where.and(`(${found.join(' or ')})`, ...named.map(() => text));
  }
  const order = [...orders[by].map((each) => `${each} collate "C"`), 'project', 'key']
    .map((each) => `${each} ${isDescending ? 'desc' : 'asc'}`)
    .join();
  const page = `select project, key, state, deployment from current where ${where}
                 order by ${order} limit ${where.param(limit)} offset ${where.param(offset)}`;
  // One statement, so that what is counted is what is paged through.
  const { rows } = await database.query(
    `select total, found.* from (select count(*)::integer as total from current where ${where}) as counted
       left join (select row_number() over (order by ${order}) as place, state, deployment from (${page}) as page) as found on true
      order by place`,
    where.values,
  );
  const items = rows.filter(({ place }) => place !== null);
  return { items: items.map(({ state, deployment }) => toTarget(state, deployment)), total: rows[0].total };
};

/** Of targets of these projects, what is current says this text there in its metadata. */
export type RunningFilters = Readonly<{
  projects: Reach;
  within: readonly string[];
  path: readonly string[];
  text: string;
}>;

/** All such targets, by project and key. */
export const targetsRunning = async (
  database: Queryable,
  { projects, within, path, text }: RunningFilters,
): Promise<Target[]> => {
  const where = new Conditions().and('alive').and('runs').within(projects).and('project = any (?)', within);
  where.and('deployment #>> ?::text[] = ?', ['metadata', ...path], text);
  const { rows } = await database.query(
    `select state, deployment from current where ${where} order by project, key`,
    where.values,
  );
  return rows.map(({ state, deployment }) => toTarget(state, deployment));
};

/** The keys of the targets of a project. */
export const keysOfTargets = async (database: Queryable, project: string): Promise<string[]> => {
  const { rows } = await database.query('select key from current where project = $1 and alive order by key', [project]);
  return rows.map(({ key }) => key);
};
