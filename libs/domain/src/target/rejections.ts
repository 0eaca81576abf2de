import type { Status } from './status.js';

/** Why a command is refused, each with the sentence that its answer starts from. A refusal is a value, kept as the command's outcome. */
export const rejections = {
  target_not_found: 'There is no such target.',
  target_exists: 'The target exists already.',
  version_conflict: 'The target has moved on since the version that the command expects.',
  deployment_not_found: 'There is no such deployment in this target.',
  manual_controls_disabled: 'Manual controls are switched off for this target.',
  not_allowed_from: 'The deployment may not do this from the status that it has.',
  deployment_in_flight: 'A deployment is in flight.',
  deployment_is_current: 'The deployment is what the target runs now.',
  nothing_to_roll_back_to: 'No deployment was current before.',
  no_deployment_in_flight: 'No deployment is in flight, and without a version none can be recorded.',
  no_open_deployment: 'No deployment is waiting or in flight.',
  version_required: 'A new deployment needs a version.',
  commit_required: 'Each commit ref needs a commit before the deployment can start.',
  unknown_rule: 'The target has no approval rule of this name.',
  branch_is_waiting: 'Another deployment of this branch is waiting.',
  no_scheduled_deployment: 'The target takes only deployments that were scheduled.',
  approval_required: 'The target asks for approvals that are not given.',
} as const;
export type RejectionCode = keyof typeof rejections;

/** `detail` says what stood in the way, in a sentence; `from` is the status that `not_allowed_from` names. */
export type Rejection = Readonly<{ rejected: RejectionCode; detail: string; from?: Status }>;

export const reject = (rejected: RejectionCode, detail: string): Rejection => ({ rejected, detail });
