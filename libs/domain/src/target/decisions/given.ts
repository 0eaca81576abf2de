import type { CommandContext } from '../commands.js';
import { needsHistory, nothing, type Decision } from '../decision.js';
import type { Deployment } from '../deployment.js';
import { reject, type Rejection } from '../rejections.js';
import { statusTable, type Status } from '../status.js';
import { findDeployment, type Target } from '../target.js';

/** A decision about the deployment of this number: `deployment_not_found` where there is none. */
export const onDeployment = (
  target: Target,
  number: number,
  decideOn: (deployment: Deployment) => Decision,
): Decision => {
  const deployment = findDeployment(target, number);
  if (deployment) return decideOn(deployment);
  if (!target.history && number >= 1 && number <= target.lastNumber) return needsHistory;
  return reject('deployment_not_found', `The target has no deployment ${number}: it was deleted, or never was.`);
};

/** A manual control: as `onDeployment`, and refused to a person where the target has manual controls off. */
export const onControlled = (
  target: Target,
  number: number,
  context: CommandContext,
  decideOn: (deployment: Deployment) => Decision,
): Decision =>
  onDeployment(target, number, (deployment) =>
    context.actor.kind === 'user' && !target.settings.manualControls
      ? reject(
          'manual_controls_disabled',
          `Manual controls are off for this target, so a person may not change deployment ${number}: ` +
            'let the pipeline report it, or switch them on.',
        )
      : decideOn(deployment),
  );

/** The same status again does nothing; what the table of statuses lacks is refused. */
export const onMove = (deployment: Deployment, status: Status, decideMove: () => Decision): Decision => {
  if (deployment.status === status) return nothing(deployment.number);
  return statusTable[deployment.status].includes(status) ? decideMove() : notAllowed(deployment, status);
};

/** `not_allowed_from`, with the status that stands in the way. */
export const notAllowed = ({ number, status }: Deployment, wanted: Status): Rejection => ({
  ...reject('not_allowed_from', `Deployment ${number} is ${status} and cannot become ${wanted}: ${wayOut(status)}`),
  from: status,
});

/** `not_allowed_from` of what is asked of a blocked deployment alone. */
export const onlyBlocked = ({ number, status }: Deployment, wanted: 'approved' | 'rejected'): Rejection => ({
  ...reject('not_allowed_from', `Deployment ${number} is ${status}: only a blocked one can be ${wanted}.`),
  from: status,
});

const wayOut = (status: Status) => {
  const possible = statusTable[status];
  return possible.length > 0 ? `it may become ${possible.join(' or ')}.` : 'nothing follows that status.';
};
