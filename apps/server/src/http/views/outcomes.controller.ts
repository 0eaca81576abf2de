import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CommandQueue } from '#commands';
import { presentOutcome } from '#contracts';
import { isKey, streamOf } from '#domain';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { Problem } from '../problem.js';
import { sendResource } from '../resource.js';
import { Reads } from './reads.js';

/** What commands were answered, whether or not their target exists. */
@ApiTags('commands')
@Controller(`${API}/projects/:project/targets/:target/commands/:commandId`)
export class OutcomesController {
  constructor(@Inject(CommandQueue) private readonly commands: CommandQueue) {}

  @Get()
  @Reads([])
  @Answers.one('Outcome')
  async getOutcome(
    @Param() { project, target, commandId }: Readonly<{ project: string; target: string; commandId: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const isPlace = isKey(project) && isKey(target) && !commandId.includes('\u0000');
    const outcome = isPlace ? await this.commands.outcomeOf(streamOf(project, target), commandId) : undefined;
    if (!outcome) throw new Problem('command_not_found');
    await sendResource(request, reply, presentOutcome(outcome));
  }
}
