import type { CommandContext, TargetCommand } from './commands.js';
import type { Decision } from './decision.js';
import { approve } from './decisions/approve.js';
import { cancel, cancelGiven } from './decisions/cancel.js';
import { change } from './decisions/change.js';
import { changeTarget } from './decisions/change-target.js';
import { createTarget } from './decisions/create-target.js';
import { deleteDeployment } from './decisions/delete.js';
import { deleteTarget } from './decisions/delete-target.js';
import { due } from './decisions/due.js';
import { fail, failGiven } from './decisions/fail.js';
import { finish, finishGiven } from './decisions/finish.js';
import { rejectDeployment } from './decisions/reject.js';
import { retire } from './decisions/retire.js';
import { rollback } from './decisions/rollback.js';
import { schedule } from './decisions/schedule.js';
import { start, startGiven } from './decisions/start.js';
import { timeOut } from './decisions/time-out.js';
import { reject, type Rejection } from './rejections.js';
import type { Target } from './target.js';

/**
 * What becomes of a command, by the rules of domain.md: pure, without clock or ids. The answer `needs: 'history'` is no
 * outcome but asks for the same command again with a state folded from `initialTarget(…, { history: true })`.
 */
export const decide = (target: Target, command: TargetCommand, context: CommandContext): Decision =>
  refuseAtOnce(target, command, context) ?? decideOn(target, command, context);

/** What becomes of every command but `CreateTarget` where there is no such target. */
export const noSuchTarget = (project: string, key: string): Rejection =>
  reject('target_not_found', `Project ${project} has no target ${key}: create it first.`);

const refuseAtOnce = (
  target: Target,
  { type }: TargetCommand,
  { expectedVersion }: CommandContext,
): Rejection | undefined => {
  if (type === 'CreateTarget' && target.exists)
    return reject('target_exists', `Target ${target.key} of project ${target.project} exists already.`);
  if (type !== 'CreateTarget' && !target.exists) return noSuchTarget(target.project, target.key);
  if (expectedVersion !== undefined && expectedVersion !== target.version)
    return reject(
      'version_conflict',
      `The target is at version ${target.version}, not at ${expectedVersion}: read it again before the next try.`,
    );
  return undefined;
};

const decideOn = (target: Target, command: TargetCommand, context: CommandContext): Decision => {
  switch (command.type) {
    case 'CreateTarget':
      return createTarget(target, command.data, context);
    case 'ChangeTarget':
      return changeTarget(target, command.data, context);
    case 'DeleteTarget':
      return deleteTarget(target, context);
    case 'ScheduleDeployment':
      return schedule(target, command.data, context);
    case 'StartDeployment':
      return isGiven(command.data) ? startGiven(target, command.data, context) : start(target, command.data, context);
    case 'FinishDeployment':
      return isGiven(command.data) ? finishGiven(target, command.data, context) : finish(target, command.data, context);
    case 'FailDeployment':
      return isGiven(command.data) ? failGiven(target, command.data, context) : fail(target, command.data, context);
    case 'CancelDeployment':
      return isGiven(command.data) ? cancelGiven(target, command.data, context) : cancel(target, command.data, context);
    case 'RollbackDeployment':
      return rollback(target, command.data, context);
    case 'RetireDeployment':
      return retire(target, command.data, context);
    case 'ApproveDeployment':
      return approve(target, command.data, context);
    case 'RejectDeployment':
      return rejectDeployment(target, command.data, context);
    case 'ChangeDeployment':
      return change(target, command.data, context);
    case 'DeleteDeployment':
      return deleteDeployment(target, command.data, context);
    case 'TimeOutDeployment':
      return timeOut(target, command.data, context);
    case 'DueDeployment':
      return due(target, command.data, context);
    default:
      return command satisfies never;
  }
};

/** Whether the request names one given deployment; else it is looked up by branch. */
const isGiven = <Data extends { number?: number }>(data: Data): data is Data & { number: number } =>
  data.number !== undefined;
