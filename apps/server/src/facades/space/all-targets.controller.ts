import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { reaches } from '../../http/auth/identity.js';
import { NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { queryOf } from '../credentials.js';
import { FacadeReads } from '../facade-reads.js';
import { sendBatch, sendShape, windowIn } from './answering.js';
import { SpaceAuditLog } from './audit-log.js';
import { invalid } from './dialect.js';
import { readGlobalTarget } from './identifiers.js';
import { SpacePlaces } from './places.js';
import { targetShape } from './shapes.js';
import { SpaceTargetLists } from './target-lists.js';

/** Targets of all projects that the token reaches. */
@ApiExcludeController()
@Controller('api/http/projects/automation/deployment-targets')
export class SpaceAllTargetsController {
  constructor(
    @Inject(SpacePlaces) private readonly places: SpacePlaces,
    @Inject(SpaceTargetLists) private readonly lists: SpaceTargetLists,
    @Inject(SpaceAuditLog) private readonly log: SpaceAuditLog,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Get()
  @NeedsReading()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.lists.send(request, reply);
  }

  @Post('search')
  @HttpCode(200)
  @NeedsReading()
  async search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.lists.search(request, reply);
  }

  @Get('audit-log')
  @NeedsReading()
  async auditLog(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const named = queryOf(request).get('targetIdentifier');
    if (!named) throw invalid('targetIdentifier must be given, as {project:key:…,target:key:…} or number:….');
    const window = windowIn(request);
    const { project, key } = await this.target(request, named);
    const entries = await this.log.entries(project, key);
    const data = entries.slice(window.offset, window.offset + window.limit);
    await sendBatch(request, reply, { count: data.length, total: entries.length, window, shapes: () => data });
  }

  @Get(':fullNumberId')
  @NeedsReading()
  async get(
    @Param('fullNumberId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendShape(request, reply, targetShape(await this.target(request, id)));
  }

  /** No guard could know its project: one that the token does not reach is not there. */
  private async target({ identity }: FastifyRequest, named: string) {
    const meant = readGlobalTarget(named);
    if (!meant || !reaches(identity!, meant.project)) throw new Problem('target_not_found');
    return this.reads.target(meant.project, await this.places.keyBy(meant.project, meant.target));
  }
}
