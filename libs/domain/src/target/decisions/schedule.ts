import { asksForApproval } from '../approvals.js';
import type { CommandContext, DataOf } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { begins } from '../facts.js';
import { openOfSameBranch } from '../lookups.js';
import { reject } from '../rejections.js';
import { isWaiting } from '../status.js';
import { cancelSuperseded } from '../supersession.js';
import type { Target } from '../target.js';
import { changed } from './change.js';

type Request = DataOf<'ScheduleDeployment'>;

/**
 * 1. A waiting deployment of the same branch: it is changed to what the request says.
 * 2. None: a new one, blocked where the target has approval rules, else scheduled.
 */
export const schedule = (target: Target, request: Request, context: CommandContext): Decision => {
  const waiting = openOfSameBranch(target, request, isWaiting);
  if (waiting && !request.supersede) return changed(target, waiting, request, context);

  const { version } = request;
  if (version === undefined)
    return reject(
      'version_required',
      'No deployment of this branch is waiting, and a new one needs a version: name it.',
    );
  const blocked = asksForApproval(target.settings.approvals);
  return accept(target.lastNumber + 1, [
    ...cancelSuperseded(waiting, context),
    begins(
      target,
      blocked ? { type: 'DeploymentBlocked', status: 'blocked' } : { type: 'DeploymentScheduled', status: 'scheduled' },
      context,
      { ...request, version },
    ),
  ]);
};
