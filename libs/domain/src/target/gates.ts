import { asksForApproval, nameLacking } from './approvals.js';
import { isOtherSubstance, type Taken } from './brings.js';
import type { Deployment, Violation } from './deployment.js';
import type { Why } from './events.js';
import { reject, type Rejection } from './rejections.js';
import type { Settings } from './settings.js';

/** Gates refuse a new deployment that begins at once, unless nothing asks it to wait. */
export const refuseUnscheduled = ({ requireSchedule, approvals }: Settings): Rejection | undefined => {
  if (requireSchedule)
    return reject(
      'no_scheduled_deployment',
      'The target takes only scheduled deployments, and none of this branch is scheduled: schedule it first.',
    );
  return refuseUnapproved({ approvals });
};

/** A deployment that was never blocked cannot begin where approval rules apply. */
export const refuseUnapproved = ({ approvals }: Pick<Settings, 'approvals'>): Rejection | undefined =>
  asksForApproval(approvals)
    ? reject(
        'approval_required',
        `The target asks for approvals (${nameLacking([], approvals)}): schedule the deployment, then approve it.`,
      )
    : undefined;

/** What was approved is what is deployed: an unblocked deployment takes no other version, pair or stored commit. */
export const refuseUnlikeApproved = (deployment: Deployment, taken: Taken): Rejection | undefined =>
  deployment.approval === 'given' && isOtherSubstance(deployment, taken)
    ? reject(
        'approval_required',
        `Deployment ${deployment.number} was approved with version ${deployment.version} and its commits: ` +
          'schedule another one for anything else, and have that approved.',
      )
    : undefined;

/** Reports are recorded whatever the gates say; the event names the gates that it passed by. */
export const violationsOfReport = (deployment: Deployment, taken: Taken): Why => {
  const passedBy =
    deployment.approval === 'lacking' || (deployment.approval === 'given' && isOtherSubstance(deployment, taken));
  return passedBy ? { violations: ['approval_required'] } : {};
};

export const violationsOfNew = ({ requireSchedule, approvals }: Settings): Why => {
  const passedBy: Violation[] = [];
  if (asksForApproval(approvals)) passedBy.push('approval_required');
  if (requireSchedule) passedBy.push('no_scheduled_deployment');
  return passedBy.length > 0 ? { violations: passedBy } : {};
};
