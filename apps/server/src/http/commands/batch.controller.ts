import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API } from '../links.js';
import { BatchSender } from './batch-sender.js';
import { CarriesMany } from './carries.js';

/** Many commands in one request, in the form that they have on Kafka. */
@ApiTags('commands')
@Controller(`${API}/commands`)
export class BatchController {
  constructor(@Inject(BatchSender) private readonly commands: BatchSender) {}

  @Post()
  @HttpCode(200)
  @CarriesMany()
  sendCommands(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.commands.send(request, reply);
  }
}
