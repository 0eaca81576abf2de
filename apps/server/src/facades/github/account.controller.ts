import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKey } from '#domain';
import { NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { GitHubDeployments } from './deployments.js';
import { rateOf } from './dialect.js';
import { projectOf } from './names.js';
import { repositoryShape, userShape } from './shapes.js';

/** What clients ask first: whether the token is good, how much they may ask, whether the repository is there. */
@ApiExcludeController()
@Controller(['api/v3', ''])
export class GitHubAccountController {
  constructor(@Inject(GitHubDeployments) private readonly deployments: GitHubDeployments) {}

  @Get('user')
  @NeedsReading()
  async user(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const user = userShape(this.deployments.apiOf(request), request.identity!.actor);
    await sendResource(request, reply, { ...user, name: user.name ?? null, email: null, company: null });
  }

  @Get('rate_limit')
  @NeedsReading()
  async rateLimit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const rate = rateOf(request);
    await sendResource(request, reply, { resources: { core: rate, graphql: rate, search: rate }, rate });
  }

  /** Clients take from it which features there are: those of the oldest server that has environments. */
  @Get('meta')
  @NeedsReading()
  async meta(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendResource(request, reply, { verifiable_password_authentication: false, installed_version: '3.14.0' });
  }

  /** A project comes into being with its first target: one that has none yet is there for whoever may make it. */
  @Get('repos/:owner/:repo')
  @NeedsReading()
  async repository(
    @Param() { owner, repo }: Readonly<{ owner: string; repo: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = projectOf(owner, repo);
    if (!isKey(project)) throw new Problem('project_not_found');
    await sendResource(request, reply, repositoryShape(this.deployments.apiOf(request), project));
  }
}
