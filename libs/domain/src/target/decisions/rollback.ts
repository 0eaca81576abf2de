import type { CommandContext, DataOf } from '../commands.js';
import { accept, needsHistory, type Decision } from '../decision.js';
import { begins } from '../facts.js';
import { allIn } from '../history.js';
import { reject } from '../rejections.js';
import { wasCurrent } from '../status.js';
import type { Past, Target } from '../target.js';
import { onDeployment } from './given.js';
import { findDeploying, refuseSecond } from './start.js';

type Request = DataOf<'RollbackDeployment'>;

/**
 * A new deployment in deploying with version and refs of one that was current, by default the one that stopped being
 * current last. It is for emergencies: no gate binds it, and a hanging deployment does not stand in the way.
 */
export const rollback = (target: Target, request: Request, context: CommandContext): Decision => {
  const { to } = request;
  if (to !== undefined)
    return onDeployment(target, to, (deployment) =>
      rollBackTo(target, wasCurrent(deployment.status) ? deployment : null, request, context),
    );
  const former = target.formerCurrent === undefined ? lastFormerCurrent(target) : target.formerCurrent;
  return former === undefined ? needsHistory : rollBackTo(target, former, request, context);
};

const rollBackTo = (target: Target, past: Past | null, request: Request, context: CommandContext): Decision => {
  const deploying = findDeploying(target);
  if (deploying) return refuseSecond(deploying);
  if (!past) return refuseRollback(request);
  const why = target.current ? { rollbackOf: target.current.number } : {};
  return accept(target.lastNumber + 1, [
    begins(target, { type: 'DeploymentStarted', status: 'deploying', why }, context, {
      ...request,
      version: past.version,
      commitRefs: past.commitRefs,
    }),
  ]);
};

/** Looked up in the history once the one that the state knew was deleted; undefined without a history. */
const lastFormerCurrent = ({ history }: Target): Past | null | undefined =>
  history &&
  allIn(history)
    .filter(({ status }) => wasCurrent(status))
    .reduce<(Past & { endedVersion: number | null }) | null>(
      (last, each) => (last && (last.endedVersion ?? 0) > (each.endedVersion ?? 0) ? last : each),
      null,
    );

const refuseRollback = ({ to }: Request) =>
  reject(
    'nothing_to_roll_back_to',
    to === undefined
      ? 'No deployment was current before: start the version that is wanted.'
      : `Deployment ${to} was not current before: name one that was completed, rolled back or retired.`,
  );
