import { Controller, Get, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { sendResource } from '../../http/resource.js';
import { emptyPage, sendMade, sendPage } from './answering.js';
import { GitLabDeployments } from './deployments.js';
import { NewDeployments } from './new-deployments.js';
import { idIn } from './params.js';
import { GitLabProjects } from './projects.js';
import { readList } from './read-list.js';
import { StatusChanges } from './status-changes.js';

type OfProject = Readonly<{ pathOrId: string }>;
type OfDeployment = OfProject & Readonly<{ id: string }>;

/** Deployments of a project. */
@ApiExcludeController()
@Controller('api/v4/projects/:pathOrId/deployments')
export class GitLabDeploymentsController {
  constructor(
    @Inject(GitLabDeployments) private readonly deployments: GitLabDeployments,
    @Inject(NewDeployments) private readonly created: NewDeployments,
    @Inject(StatusChanges) private readonly statuses: StatusChanges,
    @Inject(GitLabProjects) private readonly projects: GitLabProjects,
  ) {}

  @Get()
  @NeedsReading()
  async list(
    @Param() { pathOrId }: OfProject,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.projects.of(request, pathOrId);
    const { page, perPage, ...asked } = readList(request);
    const { body, total } = await this.deployments.list(request, project, asked);
    await sendPage(request, reply, { url: this.projects.addressOf(request), body, page, perPage, total });
  }

  @Post()
  @Needs('deployments:write')
  async create(
    @Param() { pathOrId }: OfProject,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.projects.of(request, pathOrId);
    const { seen, target } = await this.created.create(request, project);
    await sendMade(reply, 201, await this.deployments.extended(request, seen, target));
  }

  @Get(':id')
  @NeedsReading()
  async get(
    @Param() { pathOrId, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.projects.of(request, pathOrId);
    await sendResource(request, reply, await this.deployments.shapeOf(request, project, idIn(id)));
  }

  @Put(':id')
  @Needs('deployments:write')
  async change(
    @Param() { pathOrId, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.projects.of(request, pathOrId);
    const { seen, target } = await this.statuses.change(request, project, idIn(id));
    await sendMade(reply, 200, await this.deployments.extended(request, seen, target));
  }

  /** Which merge requests a deployment brought is known to nobody here. */
  @Get(':id/merge_requests')
  @NeedsReading()
  async mergeRequests(
    @Param() { pathOrId, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = emptyPage(request);
    await this.deployments.one(await this.projects.of(request, pathOrId), idIn(id));
    await sendPage(request, reply, { url: this.projects.addressOf(request), ...page });
  }
}
