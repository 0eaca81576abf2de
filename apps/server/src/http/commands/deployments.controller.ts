import { Controller, Delete, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API } from '../links.js';
import { Carries } from './carries.js';
import { CommandSender } from './command-sender.js';

/** The commands of one given deployment. */
@ApiTags('commands')
@Controller(`${API}/projects/:project/targets/:target/deployments/:number`)
export class DeploymentCommandsController {
  constructor(@Inject(CommandSender) private readonly commands: CommandSender) {}

  @Post('start')
  @Carries('StartDeployment', 'StartDeploymentByNumber')
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('finish')
  @Carries('FinishDeployment', 'FinishDeploymentByNumber')
  finish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('fail')
  @Carries('FailDeployment', 'FailDeploymentByNumber')
  fail(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('cancel')
  @Carries('CancelDeployment', 'CancelDeploymentByNumber')
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('retire')
  @Carries('RetireDeployment')
  retire(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('approve')
  @Carries('ApproveDeployment')
  approve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Post('reject')
  @Carries('RejectDeployment')
  reject(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Patch()
  @Carries('ChangeDeployment')
  change(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }

  @Delete()
  @Carries('DeleteDeployment')
  delete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }
}
