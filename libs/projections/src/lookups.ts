import { streamOf, type Deployment, type Target } from '#domain';
import type { Queryable } from '#event-store';

import { coalesce } from './coalesce.js';
import { currentIn } from './current.js';
import {
  deploymentKey,
  deploymentsAndSuccessors,
  deploymentsById,
  deploymentsOf,
  deploymentsWithTargets,
  type DeploymentItem,
} from './deployments.js';
import { targetsOf } from './targets.js';
import { currentAt, momentKey, type At } from './time-travel.js';

/** Single rows. Undefined where there is none, as under a target that is deleted. */
export type Lookups = Readonly<{
  getTarget(project: string, key: string): Promise<Target | undefined>;
  /** What is current, null where nothing is. The text is that which is stored: to show it is to pass it on. */
  getCurrent(project: string, key: string): Promise<string | null | undefined>;
  /** The same of what was current at a moment on a target that is there now. */
  getCurrentAt(project: string, key: string, at: At): Promise<string | null | undefined>;
  getDeployment(project: string, key: string, number: number): Promise<Deployment | undefined>;
  getDeploymentById(id: number): Promise<DeploymentItem | undefined>;
  /** The same, and its target as it is. */
  getDeploymentWithTarget(id: number): Promise<Readonly<{ item: DeploymentItem; on: Target | undefined }> | undefined>;
  /** The same, and behind it the one that took its place, where there is one. */
  getDeploymentAndSuccessor(id: number): Promise<readonly DeploymentItem[] | undefined>;
}>;

/** Lookups that arrive together become one statement each kind; best on a connection that pipelines. */
export const createLookups = (database: Queryable): Lookups => {
  const target = coalesce((streams: readonly string[]) => targetsOf(database, streams));
  const current = coalesce((streams: readonly string[]) => currentIn(database, streams));
  const past = coalesce((keys: readonly string[]) => currentAt(database, keys));
  const deployment = coalesce((keys: readonly string[]) => deploymentsOf(database, keys));
  const deploymentById = coalesce((ids: readonly number[]) => deploymentsById(database, ids));
  const deploymentWithTarget = coalesce((ids: readonly number[]) => deploymentsWithTargets(database, ids));
  const deploymentAndSuccessor = coalesce((ids: readonly number[]) => deploymentsAndSuccessors(database, ids));
  return {
    getTarget: (project, key) => target(streamOf(project, key)),
    getCurrent: (project, key) => current(streamOf(project, key)),
    getCurrentAt: (project, key, at) => past(momentKey(streamOf(project, key), at)),
    getDeployment: (project, key, number) => deployment(deploymentKey(streamOf(project, key), number)),
    getDeploymentById: (id) => deploymentById(id),
    getDeploymentWithTarget: (id) => deploymentWithTarget(id),
    getDeploymentAndSuccessor: (id) => deploymentAndSuccessor(id),
  };
};
