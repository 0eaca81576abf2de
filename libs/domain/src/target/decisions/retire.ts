import type { CommandContext, DataOf } from '../commands.js';
import { accept, type Decision } from '../decision.js';
import { moves } from '../facts.js';
import type { Target } from '../target.js';
import { onControlled, onMove } from './given.js';

/** The given deployment, which is current, is taken down; nothing takes its place. */
export const retire = (target: Target, { number }: DataOf<'RetireDeployment'>, context: CommandContext): Decision =>
  onControlled(target, number, context, (deployment) =>
    onMove(deployment, 'retired', () =>
      accept(number, [moves(deployment, { type: 'DeploymentRetired', status: 'retired' }, context)]),
    ),
  );
