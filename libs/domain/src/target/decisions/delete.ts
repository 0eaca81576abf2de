import type { CommandContext, DataOf } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { moves } from '../facts.js';
import { reject } from '../rejections.js';
import { isInFlight } from '../status.js';
import type { Target } from '../target.js';
import { onControlled } from './given.js';

/** The given deployment leaves the views, never the log, and its number is never given again. */
export const deleteDeployment = (
  target: Target,
  { number }: DataOf<'DeleteDeployment'>,
  context: CommandContext,
): Decision =>
  onControlled(target, number, context, (deployment) => {
    const { status } = deployment;
    if (isInFlight(status))
      return reject(
        'deployment_in_flight',
        `Deployment ${number} is ${status}: finish, fail or cancel it before it is deleted.`,
      );
    if (status === 'current')
      return reject(
        'deployment_is_current',
        `Deployment ${number} is current: retire or replace it before it is deleted.`,
      );
    return accept(number, [moves(deployment, { type: 'DeploymentDeleted', status }, context)]);
  });
