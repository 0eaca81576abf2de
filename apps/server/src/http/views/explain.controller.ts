import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { explain } from '#contracts';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import { sendResource } from '../resource.js';
import { EvidenceReader } from './evidence.js';
import { Reads } from './reads.js';
import { Views } from './views.js';

/** Why a target stands as it does. */
@ApiTags('targets')
@Controller(`${API}/projects/:project/targets/:target/explain`)
export class ExplainController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(EvidenceReader) private readonly evidence: EvidenceReader,
    @Inject(Names) private readonly names: Names,
  ) {}

  @Get()
  @Reads(['current'])
  @Answers.one('Explanation')
  async explainTarget(
    @Param() { project, target: key }: Readonly<{ project: string; target: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = await this.views.target(project, key);
    const evidence = await this.evidence.of(target);
    const { events, settingsSet, stopped } = evidence;
    const told = [...[...events.values()].flatMap((each) => each.events), settingsSet, stopped];
    const people = await this.names.inEvents(told.filter((each) => each !== undefined));
    await sendResource(request, reply, explain(target, evidence, people));
  }
}
