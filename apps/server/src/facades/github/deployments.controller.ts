import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isInFlight } from '#domain';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { sendResource } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { FacadeCommands } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { versionOfRef } from '../version-of-ref.js';
import { pageIn, sendCreated, sendPage } from './answering.js';
import { Body } from './body.js';
import { GitHubDeployments } from './deployments.js';
import { refuse } from './dialect.js';
import { Refused } from '../dialect.js';
import { projectOf } from './names.js';
import { readDeployment } from './read-deployment.js';
import { addressesOf } from './shapes.js';
import { stateOf } from './states.js';

type OfRepository = Readonly<{ owner: string; repo: string }>;
type OfDeployment = OfRepository & Readonly<{ id: string }>;

/** Deployments of a repository, which is a project. */
@ApiExcludeController()
@Controller(['api/v3/repos/:owner/:repo/deployments', 'repos/:owner/:repo/deployments'])
export class GitHubDeploymentsController {
  constructor(
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
  ) {}

  @Get()
  @NeedsReading()
  async list(
    @Param() { owner, repo }: OfRepository,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = projectOf(owner, repo);
    const { page, perPage } = pageIn(request);
    const { items, total } = await this.reads.deployments(project, filtersIn(queryOf(request)), {
      offset: (page - 1) * perPage,
      limit: perPage,
    });
    const body = await this.deployments.shapes(request, items);
    const url = addressesOf(this.deployments.apiOf(request), project).deployments;
    await sendPage(request, reply, { url, body, page, perPage, total });
  }

  @Post()
  @Needs('deployments:write')
  async create(
    @Param() { owner, repo }: OfRepository,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = projectOf(owner, repo);
    const { target, made, data } = readDeployment(new Body(request.body), project);
    const wish = { type: 'ScheduleDeployment', project, target, data } as const;
    const { deployment } = await this.commands.sendMaking(request, wish, made);
    const seen = await this.reads.seen([{ project, target, deployment: deployment! }]);
    const [shape] = await this.deployments.shapes(request, seen);
    await sendCreated(reply, shape!);
  }

  @Get(':id')
  @NeedsReading()
  async get(
    @Param() { owner, repo, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendResource(request, reply, await this.deployments.shapeOf(request, projectOf(owner, repo), id));
  }

  /** The only one of its environment goes whatever its state; of several the active one stays, which is one that shows as a success. */
  @Delete(':id')
  @Needs('deployments:write')
  async delete(
    @Param() { owner, repo, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { shown, deployment } = await this.deployments.one(projectOf(owner, repo), id);
    const { project, target, number, status } = shown;
    const wish = { project, target, number };
    const isActive = status === 'current' && stateOf(deployment, false) === 'success';
    if (isActive && (await this.hasOthers(project, target)))
      throw new Refused(refuse(422, 'Validation Failed', [ACTIVE]));
    if (status === 'current') await this.commands.send(request, { ...wish, type: 'RetireDeployment', step: 'end' });
    if (isInFlight(status)) await this.commands.send(request, { ...wish, type: 'CancelDeployment', step: 'end' });
    await this.commands.send(request, { ...wish, type: 'DeleteDeployment' });
    await reply.code(204).send();
  }

  private async hasOthers(project: string, target: string): Promise<boolean> {
    return (await this.reads.deployments(project, { target }, { offset: 0, limit: 1 })).total > 1;
  }
}

const ACTIVE = 'We cannot delete an active deployment unless it is the only deployment in a given environment.';

/** `none`, as GitHub writes its defaults, asks for nothing, nor does what is empty. */
function filtersIn(query: URLSearchParams) {
  const asked = (name: string): string | undefined => {
    const value = query.get(name);
    return value === null || value === '' || value === 'none' ? undefined : value;
  };
  const [sha, ref, task, environment] = ['sha', 'ref', 'task', 'environment'].map(asked);
  return {
    ...(sha === undefined ? {} : { commit: sha }),
    ...(ref === undefined ? {} : { ref: { branch: ref, version: versionOfRef(ref) } }),
    ...(task === undefined ? {} : { member: { path: ['github', 'task'], is: task, byDefault: 'deploy' } }),
    ...(environment === undefined ? {} : { target: environment }),
  };
}
