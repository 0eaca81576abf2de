import { isOtherBranch, isOtherSubstance, takeOver, type Taken } from '../brings.js';
import type { Brought, CommandContext, DataOf } from '../commands.js';
import { nameRefs, samePairs } from '../commit-refs.js';
import { accept, nothing, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import type { Why } from '../events.js';
import { moves } from '../facts.js';
import { refuseUnlikeApproved } from '../gates.js';
import { reject, type Rejection } from '../rejections.js';
import { isWaiting } from '../status.js';
import type { Target } from '../target.js';
import { onControlled } from './given.js';

/** Change one given deployment, in any status; the event keeps `previous`. */
export const change = (target: Target, request: DataOf<'ChangeDeployment'>, context: CommandContext): Decision =>
  onControlled(target, request.number, context, (deployment) => changed(target, deployment, request, context));

/**
 * The deployment with what the request brings: refused where another one of that branch is waiting, or where something
 * else was approved; on a blocked one what differs takes the approvals given so far back.
 */
export const changed = (
  target: Target,
  deployment: Deployment,
  request: Brought,
  context: CommandContext,
): Decision => {
  const taken = takeOver(deployment, request);
  const refusal = refuseWaitingBranch(target, deployment, taken) ?? refuseUnlikeApproved(deployment, taken);
  if (refusal) return refusal;
  if (!taken.previous) return nothing(deployment.number);
  const why = withdrawal(deployment, taken);
  return accept(deployment.number, [
    moves(deployment, { type: 'DeploymentChanged', status: deployment.status, why }, context, taken),
  ]);
};

/** At most one deployment waits per branch. */
const refuseWaitingBranch = (target: Target, deployment: Deployment, taken: Taken): Rejection | undefined => {
  const { commitRefs } = taken.content;
  if (!isWaiting(deployment.status) || !isOtherBranch(deployment, taken)) return undefined;
  const other = target.open.find(
    (each) => each.number !== deployment.number && isWaiting(each.status) && samePairs(each.commitRefs, commitRefs),
  );
  return (
    other &&
    reject(
      'branch_is_waiting',
      `Deployment ${other.number} of ${nameRefs(commitRefs)} is ${other.status} already: change or cancel that one first.`,
    )
  );
};

const withdrawal = (deployment: Deployment, taken: Taken): Why =>
  deployment.approvals.length > 0 && isOtherSubstance(deployment, taken) ? { approvalsWithdrawn: true } : {};
