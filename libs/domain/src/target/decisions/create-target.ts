import type { CommandContext, TargetChange } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { describeTarget, targetEvent } from '../target-facts.js';
import { initialTarget, type Target } from '../target.js';

/** A target comes into being; after a delete it comes back in the same stream, with the settings of the request. */
export const createTarget = (target: Target, request: TargetChange, context: CommandContext): Decision => {
  const born = { ...initialTarget(target.project, target.key), createdAt: context.occurredAt };
  return accept(null, [targetEvent('TargetCreated', describeTarget(born, target.version + 1, request), context)]);
};
