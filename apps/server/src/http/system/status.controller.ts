import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { Reads } from '../views/reads.js';
import { Standing, type StandingNow } from './standing.js';

@ApiTags('system')
@Controller(`${API}/status`)
export class StatusController {
  constructor(@Inject(Standing) private readonly standing: Standing) {}

  @Get()
  @Reads([])
  @Answers.status()
  getStatus(@Req() _request: FastifyRequest): Promise<StandingNow> {
    return this.standing.now();
  }
}
