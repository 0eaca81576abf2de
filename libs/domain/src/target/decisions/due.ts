import type { CommandContext, DataOf } from '../commands.js';
import { accept, nothing, type Decision } from '../decision.js';
import { moves } from '../facts.js';
import type { Target } from '../target.js';

/** A scheduled deployment whose time has come says so once; each new time gets its own event. */
export const due = (target: Target, clock: DataOf<'DueDeployment'>, context: CommandContext): Decision => {
  const deployment = target.open.find(({ number }) => number === clock.number);
  if (!deployment) return nothing(null);
  const isDue =
    deployment.status === 'scheduled' &&
    deployment.dueVersion === clock.dueVersion &&
    deployment.scheduledFor !== null &&
    deployment.scheduledFor <= clock.now;
  return isDue
    ? accept(clock.number, [moves(deployment, { type: 'DeploymentDue', status: 'scheduled' }, context)])
    : nothing(clock.number);
};
