import type { CommandContext, DataOf } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import { moves } from '../facts.js';
import { inFlightOrSameCommit, openOfSameBranch } from '../lookups.js';
import { reject } from '../rejections.js';
import { isWaiting } from '../status.js';
import type { Target } from '../target.js';
import { onControlled, onMove } from './given.js';

type Request = DataOf<'CancelDeployment'>;

/**
 * 1. An in-flight deployment of the same branch.
 * 2. A waiting one of the same branch and the same commit.
 * 3. A waiting one of the same branch.
 * The request only finds it: it changes nothing else, and never creates.
 */
export const cancel = (target: Target, request: Request, context: CommandContext): Decision => {
  const open = inFlightOrSameCommit(target, request) ?? openOfSameBranch(target, request, isWaiting);
  if (open) return isCanceled(open, request, context);
  return reject('no_open_deployment', 'No deployment that waits or is in flight matches: there is nothing to cancel.');
};

/** Cancel one given deployment. */
export const cancelGiven = (target: Target, request: Request & { number: number }, context: CommandContext): Decision =>
  onControlled(target, request.number, context, (deployment) =>
    onMove(deployment, 'canceled', () => isCanceled(deployment, request, context)),
  );

const isCanceled = (deployment: Deployment, { reason }: Request, context: CommandContext): Decision => {
  const why = reason === undefined ? {} : { reason };
  return accept(deployment.number, [
    moves(deployment, { type: 'DeploymentCanceled', status: 'canceled', why }, context),
  ]);
};
