import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from '#runtime';
import { Answers } from '../openapi.js';
import { Gauges } from './gauges.js';

@ApiTags('system')
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Gauges) private readonly gauges: Gauges,
  ) {}

  /** For Prometheus. It names no project: it asks for no token. */
  @Get()
  @Answers.metrics()
  async getMetrics(@Res() reply: FastifyReply): Promise<void> {
    await this.gauges.measure();
    await reply.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
