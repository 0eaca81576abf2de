import { Readable } from 'node:stream';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput } from '#contracts';
import type { Pool } from '#event-store';
import type { PageQuery } from '#projections';
import { newestCheckpoint } from '../../audit/audit-tables.js';
import { POOL } from '../../parts.js';
import { Tokens } from '../auth/tokens.js';
import { API } from '../links.js';
import { Answers, SEALED_NDJSON } from '../openapi.js';
import { noMore, Problem, unauthorized } from '../problem.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { filterOf } from './event-filter.js';
import { LogReader } from './log-reader.js';
import { Pages, reachOf } from './pages.js';
import { isPosition } from './places.js';
import { PAGE, Reads } from './reads.js';

const NDJSON = 'application/x-ndjson';
/** Each of them holds some megabytes. */
const MAX_EXPORTS = 100;

/** How long an export waits for its client to take a piece of 2 MB: who stands still holds a place that others want. */
export const patience = { pieceMs: 300_000 };
/** How often a token is looked at while a client takes a piece. */
const LOOK_MS = 1_000;

/** The log itself. */
@ApiTags('events')
@Controller(API)
export class EventsController {
  private readonly limit = new ConcurrencyLimit(MAX_EXPORTS);

  constructor(
    @Inject(LogReader) private readonly log: LogReader,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Tokens) private readonly tokens: Pick<Tokens, 'stillValid'>,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  @Get('events')
  @Reads([], 'after', 'type', 'project', 'target', 'hashes', 'size', ...PAGE)
  @Answers.events()
  async listEvents(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const sealed = request.asked.hashes === 'true' ? await this.sealedUpTo(request) : undefined;
    if (sealed === undefined && request.asked.size !== undefined)
      throw badInput('size', 'is of exports with hashes: send `hashes=true` with it');
    if (!wantsLines(request)) return this.page(request, reply);
    if (request.asked.cursor !== undefined) throw badInput('cursor', 'is of pages; a stream begins behind `after`');
    if (!this.limit.hasRoom(request.identity!.tokenId)) throw noMore('exports');
    // For HEAD, Fastify would read the whole log and throw it away.
    const lines = request.method === 'HEAD' ? [] : this.lines(request, reply, sealed);
    await reply.type(sealed === undefined ? NDJSON : SEALED_NDJSON).send(Readable.from(lines, { highWaterMark: 1 }));
  }

  private async *lines(
    request: FastifyRequest,
    { raw }: FastifyReply,
    sealed: number | undefined,
  ): AsyncGenerator<string | Buffer> {
    const { after = 0, limit = Infinity } = request.asked;
    const { tokenId } = request.identity!;
    this.limit.enter(tokenId);
    // It may take longer than the token lives: cut, so that nobody takes it for the whole.
    const looking = setInterval(() => void this.cutWhereRevoked(request, raw), LOOK_MS);
    try {
      // The stream before the response holds the last piece at most, and only while that is full.
      const isWritten = () => raw.writableLength === 0;
      const pieces =
        sealed === undefined
          ? this.log.lines(filterOf(request.asked, reachOf(request)), { after, limit }, isWritten)
          : this.log.sealedLines({ after, limit, upTo: sealed });
      for await (const piece of pieces) {
        if (!(await this.tokens.stillValid(request.identity!))) throw unauthorized();
        const stalled = setTimeout(() => raw.destroy(), patience.pieceMs);
        try {
          yield piece;
        } finally {
          clearTimeout(stalled);
        }
      }
    } finally {
      clearInterval(looking);
      this.limit.leave(tokenId);
    }
  }

  /** While nobody can say, it goes on. */
  private async cutWhereRevoked({ identity }: FastifyRequest, raw: FastifyReply['raw']): Promise<void> {
    const isValid = await this.tokens.stillValid(identity!).catch(() => true);
    if (!isValid) raw.destroy();
  }

  /** How far an export with hashes goes. It is of the whole log, for what is left out breaks the chain. */
  private async sealedUpTo(request: FastifyRequest): Promise<number> {
    const { asked, identity } = request;
    if (!wantsLines(request)) throw badInput('hashes', 'is of exports: send `Accept: application/x-ndjson`');
    const filter = (['type', 'project', 'target'] as const).find((name) => asked[name] !== undefined);
    if (filter) throw badInput(filter, 'cannot be asked for with `hashes`: what is left out breaks the chain');
    if (identity!.projects !== '*')
      throw new Problem('forbidden', 'An export with hashes has all projects, and this token does not reach them.');
    const newest = (await newestCheckpoint(this.pool))?.size ?? 0;
    if (asked.size !== undefined && asked.size > newest)
      throw new Problem('checkpoint_not_found', `The log is sealed up to ${newest}, and not to ${asked.size} yet.`);
    return asked.size ?? newest;
  }

  private page(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { after = 0 } = request.asked;
    const filter = filterOf(request.asked, reachOf(request));
    return this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => this.log.page(filter, { after, ...page }),
      isPlace: isPosition,
      show: (events) => this.log.texts(events),
    });
  }
}

const wantsLines = ({ headers }: FastifyRequest): boolean => (headers.accept ?? '').toLowerCase().includes(NDJSON);
