import { Controller, Delete, Get, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TargetChange } from '#domain';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { Refused } from '../dialect.js';
import { environmentTypeOf } from '../environment-type.js';
import { FacadeCommands } from '../facade-commands.js';
import { pageOfAll, sendMade, sendPage } from './answering.js';
import { GitLabDeployments } from './deployments.js';
import { badRequest, invalid } from './dialect.js';
import { GitLabEnvironments, stoppedLabels, type Environment } from './environments.js';
import { idIn, Params } from './params.js';
import { GitLabProjects } from './projects.js';
import { environmentShape, tiers, typeOfTier } from './shapes.js';

type OfProject = Readonly<{ pathOrId: string }>;
type OfEnvironment = OfProject & Readonly<{ environmentNumber: string }>;

const SHORTEST_SEARCH = 3;

/** Environments of a project, which are its targets. */
@ApiExcludeController()
@Controller('api/v4/projects/:pathOrId/environments')
export class GitLabEnvironmentsController {
  constructor(
    @Inject(GitLabEnvironments) private readonly environments: GitLabEnvironments,
    @Inject(GitLabDeployments) private readonly deployments: GitLabDeployments,
    @Inject(GitLabProjects) private readonly projects: GitLabProjects,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
  ) {}

  @Get()
  @NeedsReading()
  async list(
    @Param() { pathOrId }: OfProject,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { isAsked, asked } = readSearch(request);
    const all = await this.environments.all(await this.projects.of(request, pathOrId));
    const page = pageOfAll(all.filter(isAsked), asked);
    const body = page.items.map(({ target, isStopped }) => environmentShape(target, isStopped));
    await sendPage(request, reply, { url: this.projects.addressOf(request), body, ...page });
  }

  @Post()
  @Needs('targets:write')
  async create(
    @Param() { pathOrId }: OfProject,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.projects.of(request, pathOrId);
    const params = new Params(request);
    const name = params.required('name');
    const data = { environmentType: environmentTypeOf(name), repositories: [project], ...settingsIn(params) };
    params.check();
    const { target } = await this.commands
      .send(request, { type: 'CreateTarget', project, target: name, data })
      .catch((error: unknown) => {
        const isTaken = error instanceof Problem && error.code === 'target_exists';
        throw isTaken ? invalid({ name: ['has already been taken'] }) : error;
      });
    await sendMade(reply, 201, environmentShape(target!, false));
  }

  @Get(':environmentNumber')
  @NeedsReading()
  async get(@Param() of: OfEnvironment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { target, isStopped } = await this.one(request, of);
    const last = await this.environments.last(target);
    const [shape] = last ? await this.deployments.shapes(request, [last], new Map([[target.key, target]])) : [null];
    await sendResource(request, reply, { ...environmentShape(target, isStopped), last_deployment: shape });
  }

  /** What has a name is found by it: that stays. */
  @Put(':environmentNumber')
  @Needs('targets:write')
  async change(@Param() of: OfEnvironment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { target, isStopped } = await this.one(request, of);
    const params = new Params(request);
    const name = params.text('name') ?? target.key;
    const data = settingsIn(params);
    params.check();
    if (name !== target.key) throw invalid({ name: ['cannot be changed: create another environment'] });
    const { project, key } = target;
    const changed = await this.commands.send(request, { type: 'ChangeTarget', project, target: key, data });
    await sendMade(reply, 200, environmentShape(changed.target!, isStopped));
  }

  @Delete(':environmentNumber')
  @Needs('targets:write')
  async delete(@Param() of: OfEnvironment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { target, isStopped } = await this.one(request, of);
    if (!isStopped) throw new Refused({ status: 403, body: { message: '403 Forbidden - Stop the environment first' } });
    await this.commands.send(request, { type: 'DeleteTarget', project: target.project, target: target.key });
    await reply.code(204).send();
  }

  /** What runs there is taken down; one that runs nothing is marked. */
  @Post(':environmentNumber/stop')
  @Needs('deployments:write')
  async stop(@Param() of: OfEnvironment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { target, isStopped } = await this.one(request, of);
    const place = { project: target.project, target: target.key };
    const { current } = target;
    if (current) await this.commands.send(request, { ...place, type: 'RetireDeployment', number: current.number });
    else if (!isStopped)
      await this.commands.send(request, { ...place, type: 'ChangeTarget', data: { labels: stoppedLabels(target) } });
    await sendMade(reply, 200, environmentShape(target, true));
  }

  private async one(request: FastifyRequest, { pathOrId, environmentNumber }: OfEnvironment): Promise<Environment> {
    const id = idIn(environmentNumber, 'environment_id');
    return this.environments.one(await this.projects.of(request, pathOrId), id);
  }
}

function settingsIn(params: Params): TargetChange {
  const [url, description] = [params.text('external_url'), params.text('description')];
  const tier = params.oneOf('tier', tiers);
  if (params.has('slug')) params.refuse('slug is automatically generated and cannot be changed');
  return {
    ...(url === undefined ? {} : { externalUrl: url || null }),
    ...(description === undefined ? {} : { description: description || null }),
    ...(tier === undefined ? {} : { environmentType: typeOfTier(tier) }),
  };
}

function readSearch(request: FastifyRequest) {
  const params = new Params(request);
  const [name, search] = [params.text('name') || undefined, params.text('search') || undefined];
  const state = params.oneOf('states', ['available', 'stopping', 'stopped'] as const);
  if (name !== undefined && search !== undefined) params.refuse('name, search cannot be used together');
  const asked = params.page();
  params.check();
  if (search !== undefined && search.length < SHORTEST_SEARCH)
    throw badRequest(`400 Bad request - Search query is less than ${SHORTEST_SEARCH} characters`);
  const isAsked = ({ target: { key }, isStopped }: Environment): boolean =>
    (name === undefined || key === name) &&
    (search === undefined || key.toLowerCase().includes(search.toLowerCase())) &&
    (state === undefined || state === (isStopped ? 'stopped' : 'available'));
  return { isAsked, asked };
}
