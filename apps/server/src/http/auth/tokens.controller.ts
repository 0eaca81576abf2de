import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseNewToken, presentToken, refTo, type NewToken } from '#contracts';
import { fromEpochMillis, type Time } from '#domain';
import type { PageQuery } from '#projections';
import { clock, newId } from '#runtime';
import { API } from '../links.js';
import { Answers } from '../openapi.js';
import { Problem } from '../problem.js';
import { readQuery } from '../query.js';
import { Pages, reachOf } from '../views/pages.js';
import { PAGE, Reads } from '../views/reads.js';
import { reaches, type Identity } from './identity.js';
import { Needs } from './needs.js';
import { digestOf, newToken } from './secret.js';
import { TokenStore } from './token-store.js';
import { Tokens } from './tokens.js';

/** Actors that are no token in the database, and what those of issuers begin with. */
const RESERVED = /^(admin|timekeeper|kafka|oidc:.*)$/s;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

const asked = {
  pipeline: { value: { name: 'web-shop-pipeline', scopes: ['deployments:write'], projects: ['web-shop'] } },
  everywhere: { value: { name: 'kim', kind: 'user', scopes: ['deployments:read'], projects: ['*'] } },
};

/** Who may send requests: each of these routes shows and touches only what lies within its sender's own reach. */
@ApiTags('tokens')
@Controller(`${API}/tokens`)
export class TokensController {
  constructor(
    @Inject(TokenStore) private readonly store: TokenStore,
    @Inject(Tokens) private readonly tokens: Tokens,
    @Inject(Pages) private readonly pages: Pages,
  ) {}

  @Post()
  @Needs('admin')
  @ApiBody({ schema: refTo('CreateToken') as never, required: true, examples: asked })
  @Answers.created('CreatedToken')
  async createToken(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readQuery(request, []);
    const asked = parseNewToken(request.body, { now: fromEpochMillis(clock.now()) });
    const maker = request.identity!;
    if (!isWithin(maker, asked)) throw new Problem('forbidden', 'A token makes only tokens for its own projects.');
    const token = newToken();
    const expiresAt = endOf(maker, asked);
    const draft = { ...asked, expiresAt, id: newId(), digest: digestOf(token), createdBy: maker.actor };
    const made = RESERVED.test(asked.name) ? undefined : await this.store.add(draft);
    if (!made) throw new Problem('token_exists');
    await reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ ...presentToken(made), token });
  }

  @Get()
  @Needs('admin')
  @Reads([], ...PAGE)
  @Answers.page('Token')
  listTokens(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: (page: PageQuery<string>) => this.store.list(reachOf(request), page),
      isPlace: isId,
      show: (tokens) => tokens.map(presentToken),
    });
  }

  @Delete(':tokenId')
  @HttpCode(204)
  @Needs('admin')
  @Answers.nothing()
  async revokeToken(
    @Param('tokenId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(request, []);
    const digest = isId(id) ? await this.store.revoke(id, reachOf(request)) : undefined;
    if (!digest) throw new Problem('token_not_found');
    this.tokens.forget(digest, id);
    await reply.code(204).send();
  }
}

/** `admin`, which all of this needs, includes every scope. */
const isWithin = (maker: Identity, { projects }: NewToken): boolean =>
  projects === '*' ? maker.projects === '*' : projects.every((project) => reaches(maker, project));

/** A token that ends has made nothing that goes on after it: else who holds it would hold on for ever. */
function endOf({ endsAt }: Identity, { expiresAt }: NewToken): Time | null {
  if (endsAt !== null && expiresAt !== null && expiresAt > endsAt)
    throw new Problem('forbidden', `A token makes none that outlives it: this one ends at ${endsAt}.`);
  return expiresAt ?? endsAt;
}
