import { Readable } from 'node:stream';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput } from '#contracts';
import { EventStore } from '#event-store';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { filterOf } from './event-filter.js';
import { LiveClient } from './live-client.js';
import { LiveStreams } from './live-streams.js';
import { reachOf } from './pages.js';
import { Reads } from './reads.js';

const LAST_ID = 'Last-Event-ID';

/** The log as it grows. */
@ApiTags('events')
@Controller(API)
export class LiveController {
  constructor(
    @Inject(LiveStreams) private readonly streams: LiveStreams,
    @Inject(EventStore) private readonly store: EventStore,
  ) {}

  @Get('events/live')
  @Reads([], 'after', 'type', 'project', 'target')
  @ApiHeader({
    name: LAST_ID,
    required: false,
    description: 'The id of the last event that was received: the stream goes on behind it. `0` replays all.',
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  })
  @Answers.live()
  async followEvents(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { position } = await this.store.head();
    const after = readLastId(request) ?? request.asked.after ?? position;
    // Such a place is of another log, or of one that has lost events: to wait for it would be to miss what comes before it.
    if (after > position) throw badInput(LAST_ID, `is beyond the end of the log, which is ${position}`);
    this.streams.admit(request.identity!);
    if (request.method === 'HEAD') return void (await reply.headers(LiveClient.headers).send(Readable.from([])));
    const filter = filterOf(request.asked, reachOf(request));
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!);
    reply.hijack();
    this.streams.begin(reply.raw, { identity: request.identity!, filter, after });
  }
}

/** What a client sends that comes again; undefined where it comes for the first time. */
function readLastId({ headers }: FastifyRequest): number | undefined {
  const text = headers['last-event-id'];
  if (text === undefined) return undefined;
  const id = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(id)) throw badInput(LAST_ID, 'must be the id of an event, or 0');
  return id;
}
