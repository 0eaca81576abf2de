import type { CommandContext } from './commands.js';
import type { Deployment } from './deployment.js';
import type { DecidedEvent } from './events.js';
import { moves } from './facts.js';
import type { Target } from './target.js';

/**
 * What ends the present current deployment when another takes its place. It stands before the event that makes the
 * other one current, so that no reader ever sees two.
 */
export const endFormer = (
  target: Target,
  by: { number: number; rollbackOf: number | null },
  context: CommandContext,
): DecidedEvent[] => {
  if (!target.current) return [];
  const status = by.rollbackOf === null ? 'completed' : 'rolled_back';
  return [moves(target.current, { type: 'DeploymentSuperseded', status, why: { supersededBy: by.number } }, context)];
};

/** Senders that allow several at once say `supersede`: what stands in the way is given up, not taken over. */
export const cancelSuperseded = (inTheWay: Deployment | undefined, context: CommandContext): DecidedEvent[] =>
  inTheWay
    ? [moves(inTheWay, { type: 'DeploymentCanceled', status: 'canceled', why: { reason: 'superseded' } }, context)]
    : [];
