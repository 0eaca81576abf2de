import { Controller, Delete, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API } from '../links.js';
import { Carries } from './carries.js';
import { CommandSender } from './command-sender.js';

/** The commands of a target, and those that find their deployment by branch. */
@ApiTags('commands')
@Controller(`${API}/projects/:project/targets`)
export class TargetCommandsController {
  constructor(@Inject(CommandSender) private readonly commands: CommandSender) {}

  @Post()
  @Carries('CreateTarget')
  create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Patch(':target')
  @Carries('ChangeTarget')
  change(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Delete(':target')
  @Carries('DeleteTarget')
  delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/schedule')
  @Carries('ScheduleDeployment')
  schedule(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/start')
  @Carries('StartDeployment')
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/finish')
  @Carries('FinishDeployment')
  finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/fail')
  @Carries('FailDeployment')
  fail(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/cancel')
  @Carries('CancelDeployment')
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post(':target/rollback')
  @Carries('RollbackDeployment')
  rollback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }
}
