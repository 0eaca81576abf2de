import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Needs } from '../../http/auth/needs.js';
import { devlake, done } from './dialect.js';
import { readDeployment } from './read-deployment.js';
import { DevlakeReports } from './reports.js';

/** What pipelines report once it has ended. */
@ApiExcludeController()
@Controller(devlake.prefixes.map((prefix) => prefix.slice(1)))
export class DevlakeDeploymentsController {
  constructor(@Inject(DevlakeReports) private readonly reports: DevlakeReports) {}

  @Post([
    'connections/:connection/deployments',
    'connections/by-name/:connection/deployments',
    'projects/:connection/deployments',
    ':connection/deployments',
  ])
  @HttpCode(200)
  @Needs('deployments:write')
  async deployed(@Param('connection') project: string, @Req() request: FastifyRequest): Promise<object> {
    await this.reports.report(request, project, readDeployment(request.body));
    return done;
  }
}
