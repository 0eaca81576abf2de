import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStore } from '#event-store';
import { clock } from '#runtime';
import { Tokens } from '../../http/auth/tokens.js';
import { sendResource } from '../../http/resource.js';
import { basicOf } from '../credentials.js';
import { objectIn, textIn } from '../kept.js';
import { refuseToken } from './dialect.js';

/** How long a client may keep a token that has no end, before it asks again. */
const HOUR = 3_600;

/** What clients ask before they have a token: which cloud this is, and for a token. */
@ApiExcludeController()
@Controller()
export class JiraAccountController {
  private storeId: string | undefined;

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(Tokens) private readonly tokens: Tokens,
  ) {}

  /** The cloud is the store: whoever asks by another id gets the same. */
  @Get('_edge/tenant_info')
  async tenantInfo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.storeId ??= (await this.store.head()).storeId;
    await sendResource(request, reply, { cloudId: this.storeId });
  }

  /** Client credentials (RFC 6749, 4.4): the secret is a token of ours, and is what is answered. */
  @Post('oauth/token')
  @HttpCode(200)
  async token(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = objectIn(request.body) ?? {};
    const secret = textIn(body['client_secret']) ?? basicOf(request.headers.authorization);
    const identity = secret ? await this.tokens.identify(`Bearer ${secret}`) : undefined;
    if (!identity)
      throw refuseToken(
        401,
        'access_denied',
        'client_secret: must be a token that is valid here. Client ids are not looked at.',
      );
    if (body['grant_type'] !== 'client_credentials')
      throw refuseToken(400, 'unsupported_grant_type', 'grant_type: must be client_credentials');
    const lives = identity.endsAt === null ? HOUR : Math.floor((Date.parse(identity.endsAt) - clock.now()) / 1_000);
    await reply
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(
        JSON.stringify({
          access_token: secret,
          token_type: 'Bearer',
          expires_in: Math.max(0, Math.min(lives, HOUR)),
          scope: [...identity.scopes].join(' '),
        }),
      );
  }
}
