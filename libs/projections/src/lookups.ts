import { streamOf, type Deployment, type Target } from '#domain';
import type { Queryable } from '#event-store';

import { coalesce } from './coalesce.js';
import { currentOf } from './current.js';
import { deploymentKey, deploymentsById, deploymentsOf, type DeploymentItem } from './deployments.js';
import { targetsOf } from './targets.js';
import { currentAt, momentKey, type At } from './time-travel.js';

/** Single rows. Undefined where there is none, as under a target that is deleted. */
export type Lookups = Readonly<{
  getTarget(project: string, key: string): Promise<Target | undefined>;
  getCurrent(project: string, key: string): Promise<Deployment | undefined>;
  /** What was current at a moment, null where nothing was, on a target that is there now. */
  getCurrentAt(project: string, key: string, at: At): Promise<Deployment | null | undefined>;
  getDeployment(project: string, key: string, number: number): Promise<Deployment | undefined>;
  getDeploymentById(id: number): Promise<DeploymentItem | undefined>;
}>;

/** Lookups that arrive together become one statement each kind; best on a connection that pipelines. */
export const createLookups = (database: Queryable): Lookups => {
  const target = coalesce((streams: readonly string[]) => targetsOf(database, streams));
  const current = coalesce((streams: readonly string[]) => currentOf(database, streams));
  const past = coalesce((keys: readonly string[]) => currentAt(database, keys));
  const deployment = coalesce((keys: readonly string[]) => deploymentsOf(database, keys));
  const deploymentById = coalesce((ids: readonly number[]) => deploymentsById(database, ids));
  return {
    getTarget: (project, key) => target(streamOf(project, key)),
    getCurrent: (project, key) => current(streamOf(project, key)),
    getCurrentAt: (project, key, at) => past(momentKey(streamOf(project, key), at)),
    getDeployment: (project, key, number) => deployment(deploymentKey(streamOf(project, key), number)),
    getDeploymentById: (id) => deploymentById(id),
  };
};
