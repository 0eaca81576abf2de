import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NeedsReading } from '../../http/auth/needs.js';
import { sendResource } from '../../http/resource.js';
import { GitHubDeployments } from './deployments.js';

/** Where `gh auth status` and others ask whether a server and a token are good, and what there is. */
@ApiExcludeController()
@Controller('api/v3')
export class GitHubRootController {
  constructor(@Inject(GitHubDeployments) private readonly deployments: GitHubDeployments) {}

  @Get()
  @NeedsReading()
  async root(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const api = this.deployments.apiOf(request);
    await sendResource(request, reply, {
      current_user_url: `${api}/user`,
      rate_limit_url: `${api}/rate_limit`,
      repository_url: `${api}/repos/{owner}/{repo}`,
      user_url: `${api}/users/{user}`,
    });
  }
}
