import { takeOver } from '../brings.js';
import type { CommandContext, DataOf } from '../commands.js';
import { accept, needsHistory, nothing, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import type { Why } from '../events.js';
import { begins, moves } from '../facts.js';
import { violationsOfNew, violationsOfReport } from '../gates.js';
import { inFlightOrSameCommit, timedOutOfSameBranch } from '../lookups.js';
import { reject } from '../rejections.js';
import { findDeployment, type Target } from '../target.js';
import { onControlled, onMove } from './given.js';

type Request = DataOf<'FailDeployment'>;

/**
 * 1. An in-flight deployment of the same branch: failed.
 * 2. A waiting one of the same branch and the same commit: failed.
 * 3. The newest of the same branch and version that failed by time-out: nothing to do.
 * 4. None: a new one, failed, if the request has a version.
 */
export const fail = (target: Target, request: Request, context: CommandContext): Decision => {
  const open = inFlightOrSameCommit(target, request);
  if (open) return fails(open, request, context);

  const timedOut = timedOutOfSameBranch(target, request);
  // The answer shows the deployment, which only the history has.
  if (timedOut) return findDeployment(target, timedOut.number) ? nothing(timedOut.number) : needsHistory;

  return failNew(target, request, context);
};

/** Fail one given deployment, the current one too where that is reported afterwards. */
export const failGiven = (target: Target, request: Request & { number: number }, context: CommandContext): Decision =>
  onControlled(target, request.number, context, (deployment) =>
    onMove(deployment, 'failed', () => fails(deployment, request, context)),
  );

const fails = (deployment: Deployment, request: Request, context: CommandContext): Decision => {
  const taken = takeOver(deployment, request);
  const why = { ...reasonOf(request), ...violationsOfReport(deployment, taken) };
  return accept(deployment.number, [
    moves(deployment, { type: 'DeploymentFailed', status: 'failed', why }, context, taken),
  ]);
};

const failNew = (target: Target, request: Request, context: CommandContext): Decision => {
  const { version } = request;
  if (version === undefined)
    return reject(
      'no_deployment_in_flight',
      'No open deployment matches, and without a version no failed one can be recorded: name the version.',
    );
  const why = { ...reasonOf(request), ...violationsOfNew(target.settings) };
  return accept(target.lastNumber + 1, [
    begins(target, { type: 'DeploymentFailed', status: 'failed', why }, context, { ...request, version }),
  ]);
};

const reasonOf = ({ reason }: Request): Why => (reason === undefined ? {} : { reason });
