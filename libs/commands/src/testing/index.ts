import { hash } from 'node:crypto';

import { streamOf, type CommandContext, type CommandType, type DataOf, type TargetCommand } from '#domain';

import type { Submission } from '../types.js';

const context: CommandContext = { actor: { id: 'ci', kind: 'service' }, occurredAt: '2026-11-20T10:00:00.000000Z' };

/** A target to send commands to; each command's fingerprint is taken over its type and data. */
export const commandsFor = (project: string, target: string) => {
  const stream = streamOf(project, target);
  return {
    stream,
    send<T extends CommandType>(
      commandId: string,
      type: T,
      data: DataOf<T>,
      more?: Partial<CommandContext>,
    ): Submission {
      const command = { type, project, target, data } as TargetCommand;
      const fingerprint = hash('sha256', JSON.stringify({ type, data }), 'buffer');
      return { stream, commandId, fingerprint, command, context: { ...context, ...more } };
    },
  };
};
