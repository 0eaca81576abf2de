import type { EnvironmentType, Time } from '#domain';
import type { Queryable } from '#event-store';

import { Conditions, type Digest, type Reach } from './page.js';
import type { Window } from './windows.js';

/** A version of a project: its first deployment and its last, and the last to one target of which it is asked. */
export type VersionItem = Readonly<{
  version: string;
  first: number;
  last: number;
  lastAt: number | null;
}>;

/** The versions that a project has had deployed, the one that was last deployed first. */
export const listVersions = async (
  database: Queryable,
  { project, version, digest, at }: Readonly<{ project: string; version?: string; digest?: Digest; at: string }>,
  { offset, limit }: Window,
): Promise<VersionItem[]> => {
  const where = new Conditions().and('shown').and('project = ?', project);
  if (version !== undefined) where.and('version = ?', version);
  if (digest !== undefined) where.digested('version', digest);
  const { rows } = await database.query(
    `select version, min(id) as first, max(id) as last, max(id) filter (where key = ${where.param(at)}) as "lastAt"
       from deployments where ${where} group by version order by max(id) desc
      limit ${where.param(limit)} offset ${where.param(offset)}`,
    where.values,
  );
  return rows;
};

/** What targets of several projects have in common that have the same key; `createdAt` is that of the first. */
export type EnvironmentItem = Readonly<{
  key: string;
  environmentType: EnvironmentType;
  createdAt: Time;
  targets: number;
}>;

/** The keys that targets have, but for one, in their order. */
export const listTargetKeys = async (
  database: Queryable,
  { projects, key, digest, except }: Readonly<{ projects: Reach; key?: string; digest?: Digest; except: string }>,
  { offset, limit }: Window,
): Promise<EnvironmentItem[]> => {
  const where = new Conditions().and('alive').and('key <> ?', except).within(projects);
  if (key !== undefined) where.and('key = ?', key);
  if (digest !== undefined) where.digested('key', digest);
  // States are large: only those of the page are read.
  const page = `select key from current where ${where} group by key order by key limit ${where.param(limit)} offset ${where.param(offset)}`;
  const { rows } = await database.query(
    `select key, count(*)::integer as targets, min(state::json ->> 'createdAt') as "createdAt",
            (array_agg(environment_type order by project))[1] as "environmentType"
       from current where key = any (array(${page})) and ${where} group by key order by key`,
    where.values,
  );
  return rows;
};
