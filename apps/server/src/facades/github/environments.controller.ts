import { Controller, Delete, Get, Inject, Param, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { streamOf, type Target, type TargetChange } from '#domain';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { sendResource } from '../../http/resource.js';
import { environmentTypeOf } from '../environment-type.js';
import { FacadeCommands } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { stableNumber } from '../stable-number.js';
import { pageIn, sendJson, sendPage } from './answering.js';
import { Body } from './body.js';
import { GitHubDeployments } from './deployments.js';
import { invalidRequest } from './dialect.js';
import { projectOf, secondsOf } from './names.js';
import { addressesOf } from './shapes.js';

type OfRepository = Readonly<{ owner: string; repo: string }>;
type OfEnvironment = OfRepository & Readonly<{ environment: string }>;

/** The rule that stands for required reviewers: GitHub asks for one of them. */
const REVIEWERS = { name: 'reviewers', required: 1 };

/** Environments, which are the targets of a project. */
@ApiExcludeController()
@Controller(['api/v3/repos/:owner/:repo/environments', 'repos/:owner/:repo/environments'])
export class GitHubEnvironmentsController {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
  ) {}

  @Get()
  @NeedsReading()
  async list(
    @Param() { owner, repo }: OfRepository,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = projectOf(owner, repo);
    const targets = await this.reads.targets(project);
    const { page, perPage } = pageIn(request);
    const api = this.deployments.apiOf(request);
    const environments = targets.slice((page - 1) * perPage, page * perPage).map((target) => shapeOf(api, target));
    const url = `${addressesOf(api, project).repository}/environments`;
    const total = targets.length;
    await sendPage(request, reply, { url, body: { total_count: total, environments }, page, perPage, total });
  }

  @Get(':environment')
  @NeedsReading()
  async get(
    @Param() { owner, repo, environment }: OfEnvironment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = await this.reads.target(projectOf(owner, repo), environment);
    await sendResource(request, reply, shapeOf(this.deployments.apiOf(request), target));
  }

  @Put(':environment')
  @Needs('targets:write')
  async put(
    @Param() { owner, repo, environment }: OfEnvironment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = projectOf(owner, repo);
    const settings = settingsIn(new Body(request.body));
    const made: TargetChange = {
      environmentType: environmentTypeOf(environment),
      repositories: [project],
      ...settings,
    };
    const wish = { type: 'ChangeTarget', project, target: environment, data: settings } as const;
    const { target } = await this.commands.sendMaking(request, wish, made);
    await sendJson(reply, 200, shapeOf(this.deployments.apiOf(request), target!));
  }

  @Delete(':environment')
  @Needs('targets:write')
  async delete(
    @Param() { owner, repo, environment }: OfEnvironment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.commands.send(request, { type: 'DeleteTarget', project: projectOf(owner, repo), target: environment });
    await reply.code(204).send();
  }
}

/** Who the reviewers are is not kept: whoever may write deployments can approve them. */
function settingsIn(body: Body): Pick<TargetChange, 'settings'> {
  if (!body.has('reviewers')) return {};
  const reviewers = body.value('reviewers') ?? [];
  if (!Array.isArray(reviewers)) throw invalidRequest("For 'properties/reviewers', it is not of type array.");
  return { settings: { approvals: reviewers.length === 0 ? [] : [REVIEWERS] } };
}

function shapeOf(api: string, target: Target) {
  const { project, key, createdAt, current, settings } = target;
  const { environment } = addressesOf(api, project);
  const id = stableNumber(streamOf(project, key));
  const changed = current?.finishedAt ?? createdAt;
  return {
    id,
    node_id: `EN_${id}`,
    name: key,
    url: environment(key),
    html_url: environment(key),
    created_at: secondsOf(createdAt),
    updated_at: secondsOf(changed > createdAt ? changed : createdAt),
    protection_rules: settings.approvals.map(({ name }, n) => ({
      id: id + n + 1,
      node_id: `GA_${id + n + 1}`,
      type: 'required_reviewers',
      prevent_self_review: false,
      reviewers: [],
      name,
    })),
    deployment_branch_policy: null,
  };
}
