import { lacksNothing } from '../approvals.js';
import type { CommandContext, TargetChange } from '../commands.js';
import { accept, nothing, type Decision } from '../decision.js';
import { sameJson } from '../json.js';
import { describeTarget, targetEvent } from '../target-facts.js';
import type { Target } from '../target.js';
import { unblocked } from './approve.js';

/** What the request does not mention stays. Blocked deployments that lack nothing under the new rules are unblocked. */
export const changeTarget = (target: Target, request: TargetChange, context: CommandContext): Decision => {
  const changed = describeTarget(target, target.version + 1, request);
  if (sameJson(changed, describeTarget(target, target.version + 1, {}))) return nothing(null);
  const satisfied = target.open.filter(
    ({ status, approvals }) => status === 'blocked' && lacksNothing(approvals, changed.settings.approvals),
  );
  return accept(null, [
    targetEvent('TargetChanged', changed, context),
    ...satisfied.map((deployment) => unblocked(deployment, context)),
  ]);
};
