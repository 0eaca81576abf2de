export { listTargetKeys, listVersions, type EnvironmentItem, type VersionItem } from './catalog.js';
export { listDeploymentsOfCommit, type CommitFilters } from './commits.js';
export { currentOf, listCurrent, type CurrentFilters, type CurrentItem, type CurrentPlace } from './current.js';
export { listDifferences, type DifferenceFilters, type TargetDifference, type Tenure } from './differences.js';
export { dueDeadlines, type DueDeadline } from './deadlines.js';
export { deploymentKey, deploymentsById, deploymentsOf, type DeploymentItem } from './deployments.js';
export { readDora, type Counted, type Dora, type DoraFigures, type DoraPeriod, type Restoration } from './dora.js';
export { hasTimedOut, keysWithRetired, listDeployments, type DeploymentFilters } from './history.js';
export { createLookups, type Lookups } from './lookups.js';
export type { LoopState } from './loop.js';
export {
  listDeploymentsOfIssue,
  listDeploymentsWithProperties,
  type IssueFilters,
  type PropertyFilters,
} from './marked.js';
export { projectionsMigrations } from './migrations.js';
export { everyItem, type Digest, type Page, type PageQuery, type Reach } from './page.js';
export type { Projection, ViewName } from './projection.js';
export { projections, viewNames } from './projections.js';
export { rebuild } from './rebuild.js';
export { ProjectionRunner, type ProjectionStatus, type RunnerOptions } from './runner.js';
export {
  keysOfTargets,
  targetsRunning,
  windowOfTargets,
  type RunningFilters,
  type TargetFilters,
  type TargetOrder,
} from './target-windows.js';
export { listProjects, listTargets, projectExists, targetsOf, type ProjectItem } from './targets.js';
export { axes, type Axis } from './tenures-fold.js';
export { listCurrentAt, type At } from './time-travel.js';
export { verify, type RowDifference, type Verification } from './verify.js';
export { listTargetsOfVersion, versionsAfter, type VersionFilters } from './versions.js';
export {
  uncountedWindow,
  windowOfDeployments,
  windowWithTargets,
  type Standing,
  type Window,
  type WindowFilters,
  type WindowOrder,
} from './windows.js';
