import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { pageIn, sendCreated, sendPage } from './answering.js';
import { GitHubDeployments, type SeenStatuses } from './deployments.js';
import { projectOf } from './names.js';
import { addressesOf, statusShape } from './shapes.js';
import { StatusReports } from './status-reports.js';

type OfDeployment = Readonly<{ owner: string; repo: string; id: string }>;

/** The statuses of a deployment: what was reported of it, and what became of it. */
@ApiExcludeController()
@Controller(['api/v3/repos/:owner/:repo/deployments/:id/statuses', 'repos/:owner/:repo/deployments/:id/statuses'])
export class GitHubStatusesController {
  constructor(
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
    @Inject(StatusReports) private readonly reports: StatusReports,
  ) {}

  @Get()
  @NeedsReading()
  async list(@Param() of: OfDeployment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { seen, statuses } = await this.statusesOf(of);
    const { page, perPage } = pageIn(request);
    const api = this.deployments.apiOf(request);
    const { project, id } = seen.shown;
    const url = `${addressesOf(api, project).deployment(id)}/statuses`;
    const newestFirst = statuses.toReversed().slice((page - 1) * perPage, page * perPage);
    const body = newestFirst.map((status) => statusShape(api, seen, status));
    await sendPage(request, reply, { url, body, page, perPage, total: statuses.length });
  }

  @Post()
  @Needs('deployments:write')
  async create(
    @Param() { owner, repo, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { seen, status } = await this.reports.report(request, projectOf(owner, repo), id);
    await sendCreated(reply, statusShape(this.deployments.apiOf(request), seen, status));
  }

  @Get(':statusId')
  @NeedsReading()
  async get(
    @Param() { statusId, ...of }: OfDeployment & Readonly<{ statusId: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { seen, statuses } = await this.statusesOf(of);
    const status = statuses.find(({ id }) => String(id) === statusId);
    if (!status) throw new Problem('not_found');
    await sendResource(request, reply, statusShape(this.deployments.apiOf(request), seen, status));
  }

  private async statusesOf({ owner, repo, id }: OfDeployment): Promise<SeenStatuses> {
    const [found] = await this.deployments.statuses([await this.deployments.one(projectOf(owner, repo), id)]);
    return found!;
  }
}
