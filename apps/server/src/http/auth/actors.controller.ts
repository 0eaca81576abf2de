import { Controller, Delete, HttpCode, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Actors } from '#commands';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { Problem } from '../problem.js';
import { readQuery } from '../query.js';
import { Needs } from './needs.js';
import { TokenStore } from './token-store.js';

/** What persons are called stands outside of the log, and can be forgotten. */
@ApiTags('actors')
@Controller(`${API}/actors`)
export class ActorsController {
  constructor(
    @Inject(Actors) private readonly actors: Actors,
    @Inject(TokenStore) private readonly tokens: TokenStore,
  ) {}

  @Delete(':actorId')
  @HttpCode(204)
  @Needs('admin')
  @Answers.nothing()
  async forgetActor(
    @Param('actorId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(request, []);
    if (request.identity!.projects !== '*')
      throw new Problem('forbidden', 'A person is forgotten in all projects, and this token does not reach them.');
    if (await this.tokens.isCalled(id))
      throw new Problem('token_exists', 'A token that is in use has this name: revoke it first.');
    const [inLog, inTokens] = [await this.actors.forget(id), await this.tokens.forget(id)];
    if (!inLog && !inTokens) throw new Problem('actor_not_found');
    await reply.code(204).send();
  }
}
