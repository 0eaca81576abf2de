import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NeedsReading } from '../../http/auth/needs.js';
import { API, Links } from '../../http/links.js';
import { Problem } from '../../http/problem.js';
import { queryOf } from '../credentials.js';
import { deploymentIdOf } from './ids.js';

/** The addresses that clients print as those of the user interface: they lead to the same thing here. */
@ApiExcludeController()
@Controller('manage')
export class VersionerManageController {
  constructor(@Inject(Links) private readonly links: Links) {}

  @Get('deployments')
  @NeedsReading()
  async deployment(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = deploymentIdOf(queryOf(request).get('view') ?? '');
    if (id === undefined) throw new Problem('deployment_not_found');
    await reply.redirect(`${this.links.base(request)}${API}/deployments/${id}`, 302);
  }

  @Get(['versions', 'catalog'])
  @NeedsReading()
  async version(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const uuid = queryOf(request).get('view');
    if (!uuid) throw new Problem('not_found');
    await reply.redirect(`${this.links.base(request)}/versions/${encodeURIComponent(uuid)}`, 302);
  }
}
