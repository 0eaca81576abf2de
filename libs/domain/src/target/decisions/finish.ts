import { takeOver } from '../brings.js';
import type { Brought, CommandContext, DataOf } from '../commands.js';
import { accept, needsHistory, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import type { Why } from '../events.js';
import { begins, moves } from '../facts.js';
import { violationsOfNew, violationsOfReport } from '../gates.js';
import { inFlightOrSameCommit, timedOutOfSameBranch } from '../lookups.js';
import { reject } from '../rejections.js';
import { endFormer } from '../supersession.js';
import { findDeployment, type Target } from '../target.js';
import { onControlled, onMove } from './given.js';

type Request = DataOf<'FinishDeployment'>;

/**
 * 1. An in-flight deployment of the same branch: current.
 * 2. A waiting one of the same branch and the same commit: current.
 * 3. The newest of the same branch and the request's version among those that failed by time-out last: recovered.
 * 4. None: a new one, current.
 */
export const finish = (target: Target, request: Request, context: CommandContext): Decision => {
  const open = inFlightOrSameCommit(target, request);
  if (open) return succeeds(target, open, request, context);

  const timedOut = timedOutOfSameBranch(target, request);
  if (timedOut) {
    const deployment = findDeployment(target, timedOut.number);
    return deployment ? succeeds(target, deployment, request, context) : needsHistory;
  }

  return finishNew(target, request, context);
};

/** Finish one given deployment; one that failed or was canceled recovers. */
export const finishGiven = (target: Target, request: Request & { number: number }, context: CommandContext): Decision =>
  onControlled(target, request.number, context, (deployment) =>
    onMove(deployment, 'current', () => succeeds(target, deployment, request, context)),
  );

/** It takes over what the request brings and becomes current; the former current one ends before that. */
const succeeds = (target: Target, deployment: Deployment, request: Brought, context: CommandContext): Decision => {
  const taken = takeOver(deployment, request);
  const why = { ...recovery(deployment), ...violationsOfReport(deployment, taken) };
  return accept(deployment.number, [
    ...endFormer(target, deployment, context),
    moves(deployment, { type: 'DeploymentFinished', status: 'current', why }, context, taken),
  ]);
};

const finishNew = (target: Target, request: Request, context: CommandContext): Decision => {
  const { version } = request;
  if (version === undefined)
    return reject('version_required', 'No open deployment matches, and a new one needs a version: name it.');
  const number = target.lastNumber + 1;
  const why = violationsOfNew(target.settings);
  return accept(number, [
    ...endFormer(target, { number, rollbackOf: null }, context),
    begins(target, { type: 'DeploymentFinished', status: 'current', why }, context, { ...request, version }),
  ]);
};

const recovery = ({ status }: Deployment): Why =>
  status === 'failed' || status === 'canceled' ? { recoveredFrom: status } : {};
