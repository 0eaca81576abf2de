import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendText } from '../../http/resource.js';
import { reachOf } from '../../http/views/pages.js';
import { queryOf } from '../credentials.js';
import { FacadeReads } from '../facade-reads.js';
import { JiraBulk } from './bulk.js';
import { JiraDeployments } from './deployments.js';
import { badRequest } from './dialect.js';
import { int64In, namedBy, placeOf, type Identity } from './identity.js';
import { readSubmission } from './read-submission.js';
import { JiraRemovals } from './removals.js';

type Named = Readonly<{ pipelineId: string; environmentId: string; deploymentSequenceNumber: string }>;
type Unencoded = Readonly<{ '*': string }>;

const ONE = 'pipelines/:pipelineId/environments/:environmentId/deployments/:deploymentSequenceNumber';
/** For clients that write ids into the path as they are. */
const UNENCODED = 'pipelines/*';

/** What pipelines report, and what became of it. */
@ApiExcludeController()
@Controller(['rest/deployments/0.1', 'jira/deployments/0.1/cloud/:cloudId'])
export class JiraDeploymentsController {
  constructor(
    @Inject(JiraBulk) private readonly bulk: JiraBulk,
    @Inject(JiraDeployments) private readonly deployments: JiraDeployments,
    @Inject(JiraRemovals) private readonly removals: JiraRemovals,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Post('bulk')
  @Needs('deployments:write')
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const answer = await this.bulk.take(request, readSubmission(request.body));
    await reply.code(202).type('application/json; charset=utf-8').send(answer);
  }

  /** Of all projects that the token reaches. */
  @Delete('bulkByProperties')
  @Needs('deployments:write')
  async deleteByProperties(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const properties = [...queryOf(request)].filter(([name]) => !name.startsWith('_'));
    if (properties.length === 0) throw badRequest('the query must name one property at least');
    const found = await this.reads.withProperties({ projects: reachOf(request), properties });
    for (const { project, target, deployment } of found) {
      const { number, created } = deployment;
      await this.removals.remove(request, { project, target, number, id: created.position! });
    }
    await reply.code(202).send();
  }

  @Get(ONE)
  @NeedsReading()
  async get(@Param() named: Named, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendText(request, reply, await this.deployments.text(request, identityIn(named)));
  }

  @Get(`${ONE}/gating-status`)
  @NeedsReading()
  async getGating(@Param() named: Named, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendText(request, reply, await this.deployments.gating(identityIn(named)));
  }

  @Delete(ONE)
  @Needs('deployments:write')
  async delete(@Param() named: Named, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const identity = identityIn(named);
    const made = await this.deployments.made(identity);
    if (made) await this.removals.remove(request, { ...placeOf(identity), ...made });
    await reply.code(202).send();
  }

  @Get(UNENCODED)
  @NeedsReading()
  getUnencoded(@Param() { '*': path }: Unencoded, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const named = unencoded(path);
    return named.isGating ? this.getGating(named, request, reply) : this.get(named, request, reply);
  }

  @Delete(UNENCODED)
  @Needs('deployments:write')
  deleteUnencoded(@Param() { '*': path }: Unencoded, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const named = unencoded(path);
    if (named.isGating) throw new Problem('not_found');
    return this.delete(named, request, reply);
  }
}

function unencoded(path: string): Named & Readonly<{ isGating: boolean }> {
  const named = namedBy(path);
  if (!named) throw new Problem('not_found');
  const { pipelineId, environmentId, number, isGating } = named;
  return { pipelineId, environmentId, deploymentSequenceNumber: number, isGating };
}

function identityIn({ pipelineId, environmentId, deploymentSequenceNumber: text }: Named): Identity {
  const deploymentSequenceNumber = int64In(text);
  if (deploymentSequenceNumber === undefined)
    throw badRequest('deploymentSequenceNumber: must be an integer of 64 bits');
  return { pipelineId, environmentId, deploymentSequenceNumber };
}
