import { Controller, Delete, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { FacadeCommands } from '../facade-commands.js';
import { sendMade } from './answering.js';
import { GitLabDeployments } from './deployments.js';
import { badRequest } from './dialect.js';
import { idIn, Params } from './params.js';
import { GitLabProjects } from './projects.js';

type OfDeployment = Readonly<{ pathOrId: string; id: string }>;

/** Whether a deployment may go on, and whether it may go. */
@ApiExcludeController()
@Controller('api/v4/projects/:pathOrId/deployments/:id')
export class GitLabDecisionsController {
  constructor(
    @Inject(GitLabDeployments) private readonly deployments: GitLabDeployments,
    @Inject(GitLabProjects) private readonly projects: GitLabProjects,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
  ) {}

  @Post('approval')
  @Needs('deployments:write')
  async decide(
    @Param() { pathOrId, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const params = new Params(request);
    const status = params.requiredOneOf('status', ['approved', 'rejected'] as const);
    const [comment, rule] = [params.text('comment') ?? '', params.text('represented_as') || undefined];
    params.check();
    const { shown } = await this.deployments.one(await this.projects.of(request, pathOrId), idIn(id));
    const { project, target, number } = shown;
    const isApproval = status === 'approved';
    await this.commands
      .send(request, {
        ...{ type: isApproval ? 'ApproveDeployment' : 'RejectDeployment', project, target, number },
        data: { ...(comment ? { comment } : {}), ...(isApproval && rule ? { rule } : {}) },
      })
      .catch(inTheWordsOf({ not_allowed_from: NOT_WAITING, unknown_rule: NO_RULE }));
    await sendMade(reply, 201, this.deployments.decision(request, status, comment));
  }

  @Delete()
  @Needs('deployments:write')
  async delete(
    @Param() { pathOrId, id }: OfDeployment,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { shown } = await this.deployments.one(await this.projects.of(request, pathOrId), idIn(id));
    const { project, target, number } = shown;
    await this.commands
      .send(request, { type: 'DeleteDeployment', project, target, number })
      .catch(inTheWordsOf({ deployment_in_flight: IS_RUNNING, deployment_is_current: IS_CURRENT }));
    await reply.code(204).send();
  }
}

const IS_RUNNING = 'Cannot destroy running deployment';
const IS_CURRENT = 'Deployment currently deployed to environment';
const NOT_WAITING = 'This deployment is not waiting for approvals.';
const NO_RULE =
  'There are no approval rules for the given `represent_as` parameter. Use a valid User/Group/Role name instead.';

/** Throws a refusal by one of these codes in these words, and any other as it is. */
const inTheWordsOf =
  (words: Readonly<Record<string, string>>) =>
  (error: unknown): never => {
    const message = error instanceof Problem ? words[error.code] : undefined;
    throw message === undefined ? error : badRequest(message);
  };
