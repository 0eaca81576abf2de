import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput, presentDifference } from '#contracts';
import type { Pool } from '#event-store';
import { listDifferences, type CurrentPlace, type PageQuery } from '#projections';
import { POOL } from '../../parts.js';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import { Pages, reachOf } from './pages.js';
import { isCurrentPlace } from './places.js';
import { PAGE, Reads } from './reads.js';

/** What changed between two moments. */
@ApiTags('deployments')
@Controller(API)
export class DiffController {
  constructor(
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  @Get('diff')
  @Reads(
    ['tenures'],
    'project',
    { name: 'from', about: 'The earlier moment; `before` is what was current then.', required: true },
    { name: 'to', about: 'The later moment; `after` is what was current then.', required: true },
    'by',
    ...PAGE,
  )
  @Answers.page('TargetDifference')
  async listDifferences(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { from, to, by = 'recorded', ...filters } = request.asked;
    if (from! > to!) throw badInput('from', 'must not be after `to`');
    const asked = { ...filters, from: from!, to: to!, by, projects: reachOf(request) };
    await this.pages.send(request, reply, {
      read: (page: PageQuery<CurrentPlace>) => listDifferences(this.pool, asked, page),
      isPlace: isCurrentPlace,
      show: async (differences) => {
        const people = await this.names.inDifferences(differences);
        return differences.map((difference) => presentDifference(difference, people));
      },
    });
  }
}
