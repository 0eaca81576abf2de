export { ViewIsAhead } from './advance.js';
export { coalesce } from './coalesce.js';
export { currentOf, listCurrent, type CurrentFilters, type CurrentItem, type CurrentPlace } from './current.js';
export { dueDeadlines, type DueDeadline } from './deadlines.js';
export {
  deploymentKey,
  deploymentsById,
  deploymentsOf,
  listDeployments,
  type DeploymentFilters,
  type DeploymentItem,
} from './deployments.js';
export { UnknownEventType } from './log-events.js';
export { createLookups, type Lookups } from './lookups.js';
export type { LoopState } from './loop.js';
export { projectionsMigrations } from './migrations.js';
export type { Page, PageQuery, Reach } from './page.js';
export type { Projection, ViewName } from './projection.js';
export { projections, viewNames } from './projections.js';
export { BuildUnderWay, rebuild } from './rebuild.js';
export { ProjectionRunner, type ProjectionStatus, type RunnerOptions } from './runner.js';
export { listProjects, listTargets, projectExists, targetsOf, type ProjectItem } from './targets.js';
export { verify, type Difference, type Verification } from './verify.js';
