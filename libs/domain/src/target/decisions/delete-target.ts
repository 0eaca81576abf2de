import type { CommandContext } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import { moves } from '../facts.js';
import { reject } from '../rejections.js';
import { isInFlight } from '../status.js';
import { describeTarget, targetEvent } from '../target-facts.js';
import type { Target } from '../target.js';

/** What is current becomes retired and what waits canceled, by number, then the target is gone. */
export const deleteTarget = (target: Target, context: CommandContext): Decision => {
  const inFlight = target.open.filter(({ status }) => isInFlight(status));
  if (inFlight.length > 0)
    return reject(
      'deployment_in_flight',
      `${inFlight.map(({ number, status }) => `Deployment ${number} is ${status}`).join(', ')}: ` +
        'finish, fail or cancel before the target is deleted.',
    );
  const ending = [...target.open, ...(target.current ? [target.current] : [])].sort((a, b) => a.number - b.number);
  const gone = describeTarget(target, target.version + ending.length + 1, {});
  return accept(null, [
    ...ending.map((deployment) => endsWithTarget(deployment, context)),
    targetEvent('TargetDeleted', gone, context),
  ]);
};

const endsWithTarget = (deployment: Deployment, context: CommandContext) =>
  moves(
    deployment,
    deployment.status === 'current'
      ? { type: 'DeploymentRetired', status: 'retired', why: { reason: 'target_deleted' } }
      : { type: 'DeploymentCanceled', status: 'canceled', why: { reason: 'target_deleted' } },
    context,
  );
