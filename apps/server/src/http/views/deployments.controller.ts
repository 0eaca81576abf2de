import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deploymentText, presentDeployment } from '#contracts';
import { keepingPlans, type Pool, type Queryable } from '#event-store';
import {
  listCurrent,
  listCurrentAt,
  listDeployments,
  type CurrentItem,
  type CurrentPlace,
  type DeploymentFilters,
  type DeploymentItem,
  type PageQuery,
} from '#projections';
import { POOL } from '../../parts.js';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import type { Query } from '../parameters.js';
import { sendResource } from '../resource.js';
import { inTime, momentOf } from './moments.js';
import { Pages, reachOf } from './pages.js';
import { isCurrentPlace, isPosition } from './places.js';
import { PAGE, Reads } from './reads.js';
import { Views } from './views.js';

const REFS = ['repository', 'branch', 'commit'] as const;
const FILTERS = ['project', 'target', 'status', 'version', ...REFS, 'actor', 'from', 'to'] as const;
const NOTHING = { items: [], next: null };
const TARGET = 'projects/:project/targets/:target';
type Who = Pick<DeploymentFilters, 'actor' | 'actors'>;
type OfTarget = Readonly<{ project: string; target: string }>;
type OfDeployment = OfTarget & Readonly<{ number: string }>;

/** What runs, and what ran. */
@ApiTags('deployments')
@Controller(API)
export class DeploymentsController {
  private readonly planned: Queryable;

  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
  ) {
    this.planned = keepingPlans(pool);
  }

  @Get('current')
  @Reads(inTime, 'project', 'environmentType', 'at', 'by', ...PAGE)
  @Answers.page('Deployment')
  listCurrent(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const at = momentOf(request.asked);
    const filters = { ...request.asked, projects: reachOf(request) };
    return this.pages.send(request, reply, {
      read: (page: PageQuery<CurrentPlace>) =>
        at ? listCurrentAt(this.planned, at, filters, page) : listCurrent(this.pool, filters, page),
      isPlace: isCurrentPlace,
      show: (items) => this.texts(items),
    });
  }

  @Get('deployments')
  @Reads(['deployments'], ...FILTERS, ...PAGE)
  @Answers.page('Deployment')
  listDeployments(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: async (page: PageQuery<number>) =>
        listDeployments(this.pool, { ...(await this.filtersOf(request.asked)), projects: reachOf(request) }, page),
      isPlace: isPosition,
      show: (items) => this.show(items),
    });
  }

  @Get('deployments/:id')
  @Reads(['deployments'])
  @Answers.one('Deployment')
  async getDeploymentById(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [shown] = await this.show([await this.views.deploymentById(id, request.identity!)]);
    await sendResource(request, reply, shown!);
  }

  @Get(`${TARGET}/deployments`)
  @Reads(['deployments', 'current'], ...FILTERS, ...PAGE)
  @Answers.page('Deployment')
  async listDeploymentsOfTarget(
    @Param() { project, target }: OfTarget,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.views.target(project, target);
    const { project: onlyOf = project, target: only = target, ...asked } = request.asked;
    const isElsewhere = onlyOf !== project || only !== target;
    const filters = { ...(await this.filtersOf(asked)), project, target, projects: reachOf(request) };
    await this.pages.send(request, reply, {
      read: async (page: PageQuery<number>) => (isElsewhere ? NOTHING : listDeployments(this.pool, filters, page)),
      isPlace: isPosition,
      show: (items) => this.show(items),
    });
  }

  // Without the deployment, `current` tells whether there is a target.
  @Get(`${TARGET}/deployments/:number`)
  @Reads(['deployments', 'current'])
  @Answers.one('Deployment')
  async getDeployment(
    @Param() { project, target, number }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const deployment = await this.views.deployment(project, target, number);
    const [shown] = await this.show([{ project, target, deployment }]);
    await sendResource(request, reply, shown!);
  }

  /** Who is asked for by his id may stand in the log by others. */
  private async filtersOf<Asked extends Query>({ actor, ...asked }: Asked): Promise<Omit<Asked, 'actor'> & Who> {
    if (actor === undefined) return asked;
    const ids = await this.names.idsOf(actor);
    return { ...asked, ...(ids.length === 1 ? { actor } : { actors: ids }) };
  }

  private async texts(items: readonly CurrentItem[]): Promise<string[]> {
    const people = await this.names.inTexts(items.map(({ deployment }) => deployment));
    return items.map(({ project, target, deployment }) => deploymentText(project, target, deployment, people));
  }

  private async show(items: readonly DeploymentItem[]): Promise<object[]> {
    const people = await this.names.inDeployments(items.map(({ deployment }) => deployment));
    return items.map(({ project, target, deployment }) => presentDeployment(project, target, deployment, people));
  }
}
