import { decide } from './target/decide.js';
import { evolve } from './target/evolve.js';
import { initialTarget } from './target/target.js';

/** The domain in three functions: where a target begins, what an event makes of it, what a command does to it. */
export const targetDecider = { initial: initialTarget, evolve, decide };

export { addMinutes, fromEpochMillis, toTime, type Time } from './time.js';
export { isKey, parseSubject, streamOf, subjectOf } from './names.js';

export { takeOver } from './target/brings.js';
export {
  publicCommandTypes,
  type Brought,
  type CommandContext,
  type CommandOf,
  type CommandType,
  type DataOf,
  type PublicCommandType,
  type TargetChange,
  type TargetCommand,
} from './target/commands.js';
export { plainBranch } from './target/commit-refs.js';
export { deadlinesOf, type Deadline } from './target/deadlines.js';
export { decide, noSuchTarget } from './target/decide.js';
export type { Accepted, Decision, NeedsHistory } from './target/decision.js';
export {
  violations,
  type Actor,
  type Approval,
  type CommitRef,
  type Content,
  type Deployment,
  type ExternalLink,
  type Metadata,
  type Origin,
  type Violation,
} from './target/deployment.js';
export { evolve, lacks, place } from './target/evolve.js';
export { evolveDeployment } from './target/evolve-deployment.js';
export {
  deploymentEventTypes,
  environmentTypes,
  targetEventTypes,
  type ClaimedBy,
  type DecidedEvent,
  type DeploymentEventData,
  type DeploymentEventType,
  type EnvironmentType,
  type EventType,
  type PlacedEvent,
  type TargetEvent,
  type TargetEventData,
  type TargetEventType,
} from './target/events.js';
export type { History } from './target/history.js';
export { inFlightOrSameCommit, openOfSameBranch } from './target/lookups.js';
export { rejections, type Rejection, type RejectionCode } from './target/rejections.js';
export { type ApprovalRule, type Settings, type SettingsChange, type TimeOut } from './target/settings.js';
export {
  isEnded,
  isInFlight,
  isOpen,
  isWaiting,
  statuses,
  statusTable,
  wasCurrent,
  type Status,
} from './target/status.js';
export {
  findDeployment,
  inFlightOf,
  initialTarget,
  nextOf,
  withoutHistory,
  type Past,
  type Target,
} from './target/target.js';
