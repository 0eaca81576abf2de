import { isOtherBranch, takeOver } from '../brings.js';
import { nameLacking } from '../approvals.js';
import type { CommandContext, DataOf } from '../commands.js';
import { nameRefs, refWithoutCommit } from '../commit-refs.js';
import { accept, nothing, type Decision } from '../decision.js';
import type { CommitRef, Deployment } from '../deployment.js';
import { begins, moves } from '../facts.js';
import { refuseUnapproved, refuseUnlikeApproved, refuseUnscheduled } from '../gates.js';
import { openOfSameBranch } from '../lookups.js';
import { reject, type Rejection } from '../rejections.js';
import { cancelSuperseded } from '../supersession.js';
import type { Target } from '../target.js';
import { onControlled, onMove } from './given.js';

type Request = DataOf<'StartDeployment'>;

/**
 * 1. The target has a deploying deployment: it takes over what the request brings.
 * 2. A hanging one of the same branch: deploying again.
 * 3. A scheduled one of the same branch: it becomes deploying.
 * 4. A blocked one of the same branch: `approval_required`.
 * 5. None: a new one in deploying.
 */
export const start = (target: Target, request: Request, context: CommandContext): Decision => {
  const deploying = findDeploying(target);
  if (request.supersede) return startNew(target, request, context, deploying);
  if (deploying) return takeOverDeploying(target, deploying, request, context);

  const hanging = openOfSameBranch(target, request, (status) => status === 'hanging');
  if (hanging) return startHanging(hanging, request, context);

  const scheduled = openOfSameBranch(target, request, (status) => status === 'scheduled');
  if (scheduled) return startWithCommits(scheduled, request, context);

  const blocked = openOfSameBranch(target, request, (status) => status === 'blocked');
  if (blocked) return refuseBlocked(target, blocked);

  return startNew(target, request, context);
};

/** Start one given deployment; with `supersede` the one that is deploying is canceled first. */
export const startGiven = (target: Target, request: Request & { number: number }, context: CommandContext): Decision =>
  onControlled(target, request.number, context, (deployment) =>
    onMove(deployment, 'deploying', () => {
      const deploying = findDeploying(target);
      if (deploying && !request.supersede) return refuseSecond(deploying);
      return startWithCommits(deployment, request, context, deploying);
    }),
  );

/** 1. `DeploymentReplaced` where branch or version change, which approval rules forbid; else `DeploymentChanged`. */
const takeOverDeploying = (
  target: Target,
  deploying: Deployment,
  request: Request,
  context: CommandContext,
): Decision => {
  const taken = takeOver(deploying, request);
  const isReplaced = taken.content.version !== deploying.version || isOtherBranch(deploying, taken);
  const refusal =
    refuseUnlikeApproved(deploying, taken) ?? (isReplaced ? refuseUnapproved(target.settings) : undefined);
  if (refusal) return refusal;
  if (!taken.previous) return nothing(deploying.number);
  const type = isReplaced ? 'DeploymentReplaced' : 'DeploymentChanged';
  return accept(deploying.number, [moves(deploying, { type, status: 'deploying' }, context, taken)]);
};

/** 2. Its clocks start anew. */
const startHanging = (hanging: Deployment, request: Request, context: CommandContext): Decision => {
  const taken = takeOver(hanging, request);
  return (
    refuseUnlikeApproved(hanging, taken) ??
    accept(hanging.number, [moves(hanging, { type: 'DeploymentStarted', status: 'deploying' }, context, taken)])
  );
};

/** 3. and by number: each ref needs a commit from one side or the other. */
const startWithCommits = (
  deployment: Deployment,
  request: Request,
  context: CommandContext,
  superseded?: Deployment,
): Decision => {
  const taken = takeOver(deployment, request);
  return (
    refuseMissingCommit(taken.content.commitRefs) ??
    refuseUnlikeApproved(deployment, taken) ??
    accept(deployment.number, [
      ...cancelSuperseded(superseded, context),
      moves(deployment, { type: 'DeploymentStarted', status: 'deploying' }, context, taken),
    ])
  );
};

/** 5. Refused with the first that applies: version, commits, schedule, approvals. */
const startNew = (target: Target, request: Request, context: CommandContext, superseded?: Deployment): Decision => {
  const { version } = request;
  if (version === undefined)
    return reject('version_required', 'No deployment is there to start, and a new one needs a version: name it.');
  return (
    refuseMissingCommit(request.commitRefs ?? []) ??
    refuseUnscheduled(target.settings) ??
    accept(target.lastNumber + 1, [
      ...cancelSuperseded(superseded, context),
      begins(target, { type: 'DeploymentStarted', status: 'deploying' }, context, { ...request, version }),
    ])
  );
};

/** The one that is deploying, of which a target has at most one. */
export const findDeploying = (target: Target): Deployment | undefined =>
  target.open.find(({ status }) => status === 'deploying');

/** `deployment_in_flight`, where a second one would be deploying. */
export const refuseSecond = ({ number, version }: Deployment): Rejection =>
  reject(
    'deployment_in_flight',
    `Deployment ${number} of version ${version} is deploying: finish, fail or cancel it first.`,
  );

const refuseMissingCommit = (refs: readonly CommitRef[]): Rejection | undefined => {
  const missing = refWithoutCommit(refs);
  return (
    missing &&
    reject('commit_required', `${nameRefs([missing])} has no commit: name the commit that is deployed from it.`)
  );
};

const refuseBlocked = ({ settings }: Target, { number, approvals }: Deployment): Rejection =>
  reject(
    'approval_required',
    `Deployment ${number} is blocked: it lacks ${nameLacking(approvals, settings.approvals)}. Have it approved first.`,
  );
