import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CommandQueue } from '#commands';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { Reads } from '../views/reads.js';
import { Standing, type StandingNow } from './standing.js';

@ApiTags('system')
@Controller(`${API}/status`)
export class StatusController {
  constructor(
    @Inject(Standing) private readonly standing: Standing,
    @Inject(CommandQueue) private readonly queue: CommandQueue,
  ) {}

  /** Where everything stands. It names no project, whoever asks. */
  @Get()
  @Reads([])
  @Answers.status()
  async getStatus(@Req() _request: FastifyRequest): Promise<Status> {
    const { loops, ...standing } = await this.standing.now();
    return { ...standing, commands: this.queue.stats(), loops };
  }
}

/** `commands` and `loops` are of this process, the rest of all. */
type Status = StandingNow & Readonly<{ commands: { queued: number; unanswered: number } }>;
