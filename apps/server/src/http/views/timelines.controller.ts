import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { streamOf } from '#domain';
import type { PageQuery } from '#projections';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { LogReader } from './log-reader.js';
import { Pages } from './pages.js';
import { isVersion } from './places.js';
import { PAGE, Reads } from './reads.js';
import { StreamReader } from './stream-reader.js';
import { Views } from './views.js';

type OfTarget = Readonly<{ project: string; target: string }>;

/** What happened on a target, and to one of its deployments. */
@ApiTags('events')
@Controller(`${API}/projects/:project/targets/:target`)
export class TimelinesController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(LogReader) private readonly log: LogReader,
    @Inject(Pages) private readonly pages: Pages,
  ) {}

  @Get('timeline')
  @Reads(
    ['current'],
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
      show: (events) => this.log.texts(events),
    });
  }

  // Without the deployment, `current` tells whether there is a target.
  @Get('deployments/:number/timeline')
  @Reads(['deployments', 'current'], ...PAGE)
  @Answers.page('Event')
  async getTimeline(
    @Param() { project, target, number: text }: OfTarget & Readonly<{ number: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { number, created } = await this.views.deployment(project, target, text);
    const filter = { members: { number: [number] } };
    await this.pages.send(request, reply, {
      read: ({ limit, after = created.version - 1 }: PageQuery<number>) =>
        this.streams.page(streamOf(project, target), filter, { limit, after }),
      isPlace: isVersion,
      show: (events) => this.log.texts(events),
    });
  }
}
