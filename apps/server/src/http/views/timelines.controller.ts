import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { explain } from '#contracts';
import { streamOf } from '#domain';
import type { PageQuery } from '#projections';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import { sendResource } from '../resource.js';
import { EvidenceReader } from './evidence.js';
import { LogReader } from './log-reader.js';
import { Pages } from './pages.js';
import { isVersion } from './places.js';
import { PAGE, Reads } from './reads.js';
import { StreamReader } from './stream-reader.js';
import { Views } from './views.js';

type OfTarget = Readonly<{ project: string; target: string }>;

/** How a target came to stand as it does: its events, and the same in words. */
@ApiTags('targets')
@Controller(`${API}/projects/:project/targets/:target`)
export class TimelinesController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(EvidenceReader) private readonly evidence: EvidenceReader,
    @Inject(LogReader) private readonly log: LogReader,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Names) private readonly names: Names,
  ) {}

  @Get('timeline')
  @Reads(
    ['targets'],
    'type',
    { name: 'from', about: 'Only events recorded at this moment or later.' },
    { name: 'to', about: 'Only events recorded before this moment.' },
    ...PAGE,
  )
  @Answers.page('Event')
  async getTargetTimeline(
    @Param() { project, target }: OfTarget,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.views.target(project, target);
    const { type: types, from, to } = request.asked;
    const filter = { ...(types ? { types } : {}), ...(from ? { from } : {}), ...(to ? { to } : {}) };
    await this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => this.streams.page(streamOf(project, target), filter, page),
      isPlace: isVersion,
      show: (events) => this.log.show(events),
    });
  }

  @Get('explain')
  @Reads(['targets'])
  @Answers.one('Explanation')
  async explainTarget(
    @Param() { project, target: key }: OfTarget,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = await this.views.target(project, key);
    const evidence = await this.evidence.of(target);
    const { events, settingsSet, stopped } = evidence;
    const single = [settingsSet, stopped].filter((each) => each !== undefined);
    const people = await this.names.inEvents([...single, ...[...events.values()].flatMap((each) => each.events)]);
    await sendResource(request, reply, explain(target, evidence, people));
  }
}
