import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Needs } from '../../http/auth/needs.js';
import { readBuildEvent, readDeploymentEvent, type Event } from './read-event.js';
import { buildShape, deploymentShape, type Tracked } from './shapes.js';
import { Tracking } from './tracking.js';

/** What pipelines report. */
@ApiExcludeController()
@Controller()
export class VersionerEventsController {
  constructor(@Inject(Tracking) private readonly tracking: Tracking) {}

  @Post('deployment-events')
  @HttpCode(200)
  @Needs('deployments:write')
  async deployment(@Req() request: FastifyRequest): Promise<object> {
    return deploymentShape(await this.track(request, readDeploymentEvent(request.body)));
  }

  /** `version-events`, as the first clients called it. */
  @Post(['build-events', 'version-events'])
  @HttpCode(200)
  @Needs('deployments:write')
  async build(@Req() request: FastifyRequest): Promise<object> {
    return buildShape(await this.track(request, readBuildEvent(request.body)));
  }

  private async track(request: FastifyRequest, event: Event): Promise<Tracked> {
    const { deployment } = await this.tracking.report(request, event);
    const { product: project, target, claimedBy } = event;
    return { project, target, deployment: deployment!, actor: deployment!.actor, claimedBy };
  }
}
