import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKey, type Actor } from '#domain';
import { NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { reachOf } from '../../http/views/pages.js';
import { FacadeReads } from '../facade-reads.js';
import { GitHubDeployments } from './deployments.js';
import { rateOf } from './dialect.js';
import { projectOf } from './names.js';
import { repositoryShape, userShape } from './shapes.js';

/** What clients ask first: whether the token is good, how much they may ask, whether the repository is there. */
@ApiExcludeController()
@Controller(['api/v3', ''])
export class GitHubAccountController {
  constructor(
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Get('user')
  @NeedsReading()
  async user(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sendUser(request, reply, request.identity!.actor);
  }

  /** Clients follow the addresses of creators. Nobody else is there: only who made a deployment that the reader may see. */
  @Get('users/:login')
  @NeedsReading()
  async userByLogin(
    @Param('login') login: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { actor } = request.identity!;
    const made = actor.id === login || !isKey(login) ? undefined : await this.reads.lastBy(reachOf(request), login);
    if (actor.id !== login && !made) throw new Problem('not_found');
    await this.sendUser(request, reply, made?.shown.actor ?? actor);
  }

  private async sendUser(request: FastifyRequest, reply: FastifyReply, actor: Actor): Promise<void> {
    const user = userShape(this.deployments.apiOf(request), actor);
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

  /** Nobody here knows of any. Collectors ask for them beside the deployments, and give up where there is no such route. */
  @Get('repos/:owner/:repo/actions/runs')
  @NeedsReading()
  async runs(
    @Param() { owner, repo }: Readonly<{ owner: string; repo: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isKey(projectOf(owner, repo))) throw new Problem('project_not_found');
    await sendResource(request, reply, { total_count: 0, workflow_runs: [] });
  }
}
