import type { CommandContext, TargetCommand } from './commands.js';
import type { Decision } from './decision.js';
import type { Target } from './target.js';

export const decide = (_target: Target, _command: TargetCommand, _context: CommandContext): Decision => {
  throw new Error('not yet');
};
