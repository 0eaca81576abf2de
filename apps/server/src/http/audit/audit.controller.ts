import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { consistencyProof, inclusionProof, originOf, type ReadTiles } from '#audit';
import { badInput, keyOfStream, presentCheckpoint } from '#contracts';
import { parseSubject } from '#domain';
import { EventStore, type Pool } from '#event-store';
import type { PageQuery } from '#projections';
import {
  checkpointOver,
  listCheckpoints,
  newestCheckpoint,
  readKeys,
  readTiles,
  type Checkpoint,
} from '../../audit/audit-tables.js';
import { POOL } from '../../parts.js';
import { reaches } from '../auth/identity.js';
import { API } from '../links.js';
import { readNumber } from '../number.js';
import { Answers } from '../openapi.js';
import { Problem } from '../problem.js';
import { sendResource, sendText } from '../resource.js';
import { Pages, sendPlain, wantsPlain } from '../views/pages.js';
import { isPosition } from '../views/places.js';
import { PAGE, Reads } from '../views/reads.js';
import { inBase64, sealedEvent } from './sealed-events.js';

/** What proves that the log is what it was: docs/audit.md says how. */
@ApiTags('audit')
@Controller(`${API}/audit`)
export class AuditController {
  private readonly read: ReadTiles;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Pages) private readonly pages: Pages,
  ) {
    this.read = (places) => readTiles(pool, places);
  }

  @Get('checkpoints')
  @Reads([], ...PAGE)
  @Answers.checkpoints()
  listCheckpoints(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: (page: PageQuery<number>) => listCheckpoints(this.pool, page),
      isPlace: isPosition,
      show: (checkpoints) => checkpoints.map(presentCheckpoint),
      plain: (checkpoints) => checkpoints.map(({ note }) => note).join('\n'),
    });
  }

  @Get('proof/:position')
  @Reads([], 'size')
  @Answers.one('InclusionProof')
  async getInclusionProof(
    @Param('position') given: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const position = readNumber(given) ?? notThere(`There is no event ${given}.`);
    const checkpoint = await this.checkpoint(request.asked.size);
    const { size } = checkpoint;
    if (position > size) notThere(`The checkpoint over ${size} events does not reach event ${position}.`);
    const found = await sealedEvent(this.pool, position);
    if (!found) return notThere(`Event ${position} was sealed, and is missing in the log.`);
    const { stream, leaf, previous, text } = found;
    // What lies outside of the reach of a token is not there for it.
    if (!reaches(request.identity!, parseSubject(keyOfStream(stream))!.project))
      return notThere(`There is no event ${position}.`);
    const proof = {
      ...{ position, size, leafHash: inBase64(leaf), previousHash: previous && inBase64(previous) },
      hashes: (await inclusionProof(position - 1, size, this.read)).map(inBase64),
    };
    const body = JSON.stringify({ ...proof, checkpoint: checkpoint.note });
    await sendText(request, reply, `${body.slice(0, -1)},"event":${text}}`);
  }

  @Get('consistency')
  @Reads([], { name: 'fromSize', about: 'How many events the smaller tree is over.', required: true }, 'toSize')
  @Answers.one('ConsistencyProof')
  async getConsistencyProof(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { size } = await this.checkpoint(undefined);
    const { fromSize: from, toSize } = request.asked as { fromSize: number; toSize?: number };
    const to = toSize ?? Math.max(from, size);
    if (from > to) throw badInput('from', 'must not be above `to`');
    if (to > size) throw new Problem('checkpoint_not_found', `The log is sealed up to ${size}, and not to ${to} yet.`);
    const hashes = (await consistencyProof(from, to, this.read)).map(inBase64);
    await sendResource(request, reply, { from, to, hashes });
  }

  @Get('key')
  @Reads([])
  @Answers.keys()
  async getKeys(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const keys = await readKeys(this.pool);
    if (wantsPlain(request)) return sendPlain(reply, keys.map(({ vkey }) => `${vkey}\n`).join(''));
    const { storeId } = await this.store.head();
    await sendResource(request, reply, { origin: originOf(storeId), keys });
  }

  /** The one over so many events, or the newest. */
  private async checkpoint(size: number | undefined): Promise<Checkpoint> {
    const found = await (size === undefined ? newestCheckpoint(this.pool) : checkpointOver(this.pool, size));
    if (found) return found;
    const detail = size === undefined ? 'Nothing is sealed yet.' : `No checkpoint was signed over ${size} events.`;
    throw new Problem('checkpoint_not_found', detail);
  }
}

const notThere = (detail: string): never => {
  throw new Problem('event_not_found', detail);
};
