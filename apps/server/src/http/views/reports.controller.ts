import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { badInput, presentDeployment, presentDora, presentProjectDora, presentTargetOfVersion } from '#contracts';
import { isKey, type Time } from '#domain';
import type { Pool } from '#event-store';
import {
  listDeploymentsOfCommit,
  listDeploymentsOfIssue,
  listTargetsOfVersion,
  projectExists,
  readDora,
  type CurrentPlace,
  type DeploymentItem,
  type PageQuery,
} from '#projections';
import { POOL } from '../../parts.js';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import { parameters } from '../parameters.js';
import { Problem } from '../problem.js';
import { sendResource } from '../resource.js';
import { Pages, reachOf } from './pages.js';
import { isCurrentPlace, isPosition } from './places.js';
import { PAGE, Reads } from './reads.js';
import { Views } from './views.js';

const PERIOD = [
  { name: 'from', about: 'Where the period begins.', required: true },
  { name: 'to', about: 'Where the period ends; the moment itself is behind it.', required: true },
] as const;
const NOTHING = { items: [], next: null };

/** What can be worked out of the record: where a commit, an issue and a version went, and how well it goes. */
@ApiTags('reports')
@Controller(API)
export class ReportsController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  @Get('commits/:sha/deployments')
  @Reads(['commits', 'deployments'], 'project', ...PAGE)
  @Answers.page('Deployment')
  async listDeploymentsOfCommit(
    @Param('sha') commit: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filters = { ...request.asked, commit, projects: reachOf(request) };
    await this.pages.send(request, reply, {
      // What no deployment can have is looked for nowhere.
      read: async (page: PageQuery<number>) =>
        parameters.commit.read(commit) === undefined ? NOTHING : listDeploymentsOfCommit(this.pool, filters, page),
      isPlace: isPosition,
      show: (items) => this.show(items, presentDeployment),
    });
  }

  @Get('issues/:issue/deployments')
  @Reads(['commits', 'deployments'], 'project', ...PAGE)
  @Answers.page('Deployment')
  async listDeploymentsOfIssue(
    @Param('issue') issue: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filters = { ...request.asked, issue, projects: reachOf(request) };
    await this.pages.send(request, reply, {
      read: async (page: PageQuery<number>) =>
        parameters.commit.read(issue) === undefined ? NOTHING : listDeploymentsOfIssue(this.pool, filters, page),
      isPlace: isPosition,
      show: (items) => this.show(items, presentDeployment),
    });
  }

  @Get('versions/:version/targets')
  @Reads(['current', 'deployments'], 'project', ...PAGE)
  @Answers.page('TargetOfVersion')
  async listTargetsOfVersion(
    @Param('version') version: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filters = { ...request.asked, version, projects: reachOf(request) };
    await this.pages.send(request, reply, {
      read: async (page: PageQuery<CurrentPlace>) =>
        parameters.version.read(version) === undefined ? NOTHING : listTargetsOfVersion(this.pool, filters, page),
      isPlace: isCurrentPlace,
      show: (items) => this.show(items, presentTargetOfVersion),
    });
  }

  @Get('projects/:project/targets/:target/dora')
  @Reads(['deployments', 'current'], ...PERIOD)
  @Answers.one('Dora')
  async getDoraOfTarget(
    @Param() { project, target }: Readonly<{ project: string; target: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const period = periodOf(request);
    await this.views.target(project, target);
    const { whole } = await readDora(this.pool, { project, target, ...period });
    await sendResource(request, reply, presentDora(project, target, period, whole));
  }

  @Get('projects/:project/dora')
  @Reads(['deployments', 'current'], ...PERIOD)
  @Answers.one('ProjectDora')
  async getDoraOfProject(
    @Param('project') project: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const period = periodOf(request);
    if (!isKey(project) || !(await projectExists(this.pool, project))) throw new Problem('project_not_found');
    const { whole, ...targets } = await readDora(this.pool, { project, ...period });
    await sendResource(request, reply, presentProjectDora(project, period, whole, targets));
  }

  private async show(
    items: readonly DeploymentItem[],
    present: typeof presentDeployment | typeof presentTargetOfVersion,
  ) {
    const people = await this.names.inDeployments(items.map(({ deployment }) => deployment));
    return items.map(({ project, target, deployment }) => present(project, target, deployment, people));
  }
}

function periodOf({ asked: { from, to } }: FastifyRequest): Readonly<{ from: Time; to: Time }> {
  if (from! >= to!) throw badInput('to', 'must be after `from`');
  return { from: from!, to: to! };
}
