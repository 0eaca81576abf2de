import type { CommandContext, DataOf } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { moves } from '../facts.js';
import type { Target } from '../target.js';
import { onDeployment, onlyBlocked } from './given.js';

/** A blocked deployment is refused by whom was asked to approve it: canceled, by one event. */
export const rejectDeployment = (
  target: Target,
  { number, comment }: DataOf<'RejectDeployment'>,
  context: CommandContext,
): Decision =>
  onDeployment(target, number, (deployment) => {
    if (deployment.status !== 'blocked') return onlyBlocked(deployment, 'rejected');
    const why = comment === undefined ? {} : { comment };
    return accept(number, [moves(deployment, { type: 'DeploymentRejected', status: 'canceled', why }, context)]);
  });
