import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics, within } from '#runtime';
import { Answers } from '../openapi.js';
import { Standing } from './standing.js';

const LAGS_MS = 2_000;

@ApiTags('system')
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Standing) private readonly standing: Standing,
  ) {}

  /** For Prometheus. It names no project: it asks for no token. */
  @Get()
  @Answers.metrics()
  async getMetrics(@Res() reply: FastifyReply): Promise<void> {
    await this.measureLags();
    await reply.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  private async measureLags(): Promise<void> {
    const { lag } = this.metrics;
    lag.reset();
    try {
      const { projections, relays } = await within(LAGS_MS, this.standing.now());
      for (const each of projections) lag.set({ kind: 'projection', name: each.name }, each.lag);
      for (const each of relays) lag.set({ kind: 'relay', name: each.name }, each.lag);
    } catch {
      // While the database is away there is no lag to tell; the other metrics are all the more of interest.
    }
  }
}
