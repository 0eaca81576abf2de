import { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput } from '#contracts';
import { streamOf } from '#domain';
import type { PageQuery } from '#projections';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { LogReader } from './log-reader.js';
import { Pages } from './pages.js';
import { isPosition, isVersion } from './places.js';
import { PAGE, Reads } from './reads.js';
import { Views } from './views.js';

const NDJSON = 'application/x-ndjson';

/** The log itself, and what of it is about one deployment. */
@ApiTags('events')
@Controller(API)
export class EventsController {
  constructor(
    @Inject(LogReader) private readonly log: LogReader,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Get('events')
  @Reads([], 'after', 'type', 'project', 'target', ...PAGE)
  @Answers.events()
  async listEvents(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!wantsLines(request)) return this.page(request, reply);
    if (request.asked.cursor !== undefined) throw badInput('cursor', 'is of pages; a stream begins behind `after`');
    // For HEAD, Fastify would read the whole log and throw it away.
    const lines = request.method === 'HEAD' ? [] : this.log.lines(request.asked);
    await reply.type(NDJSON).send(Readable.from(lines, { highWaterMark: 1 }));
  }

  @Get('projects/:project/targets/:target/deployments/:number/timeline')
  @Reads(['deployments'], ...PAGE)
  @Answers.page('Event')
  async getTimeline(
    @Param() { project, target, number }: Readonly<{ project: string; target: string; number: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const deployment = await this.views.deployment(project, target, number);
    await this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => this.log.timeline(streamOf(project, target), deployment, page),
      isPlace: isVersion,
      show: (events) => this.log.show(events),
    });
  }

  private page(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => this.log.page(request.asked, page),
      isPlace: isPosition,
      show: (events) => this.log.show(events),
    });
  }
}

const wantsLines = ({ headers }: FastifyRequest): boolean => (headers.accept ?? '').toLowerCase().includes(NDJSON);
