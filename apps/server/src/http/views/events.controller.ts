import { Readable } from 'node:stream';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput } from '#contracts';
import type { PageQuery } from '#projections';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { LogReader } from './log-reader.js';
import { Pages } from './pages.js';
import { PAGE, Reads } from './reads.js';

const NDJSON = 'application/x-ndjson';

/** The log itself. */
@ApiTags('events')
@Controller(`${API}/events`)
export class EventsController {
  constructor(
    @Inject(LogReader) private readonly log: LogReader,
    @Inject(Pages) private readonly pages: Pages,
  ) {}

  @Get()
  @Reads([], 'after', 'type', 'project', 'target', ...PAGE)
  @Answers.events()
  async listEvents(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!wantsLines(request)) return this.page(request, reply);
    if (request.asked.cursor !== undefined) throw badInput('cursor', 'is of pages; a stream begins behind `after`');
    await reply.type(NDJSON).send(Readable.from(this.log.lines(request.asked), { highWaterMark: 1 }));
  }

  private page(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => this.log.page(request.asked, page),
      show: (events) => this.log.show(events),
    });
  }
}

const wantsLines = ({ headers }: FastifyRequest): boolean => (headers.accept ?? '').toLowerCase().includes(NDJSON);
