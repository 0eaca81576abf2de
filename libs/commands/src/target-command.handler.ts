import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';

import { CommandQueue } from './command-queue.js';
import type { Answer, Submission, SubmitOptions } from './types.js';

/** Carries any command of a target over the Nest command bus; the answer is that of `CommandQueue.submit`. */
export class SendToTarget extends Command<Answer> {
  constructor(
    readonly submission: Submission,
    readonly options: SubmitOptions = {},
  ) {
    super();
  }
}

@CommandHandler(SendToTarget)
export class TargetCommandHandler implements ICommandHandler<SendToTarget> {
  constructor(@Inject(CommandQueue) private readonly commands: CommandQueue) {}

  execute({ submission, options }: SendToTarget): Promise<Answer> {
    return this.commands.submit(submission, options);
  }
}
