import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Target } from '#domain';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { queryOf } from '../credentials.js';
import { FacadeCommands } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { fieldsOf, sendBatch, sendDeployment, windowIn } from './answering.js';
import { broughtBy, membersOf } from './body.js';
import { asksFor } from './fields.js';
import { projectOf } from './identifiers.js';
import { SpacePlaces } from './places.js';
import { SpaceReports, type Reported } from './reports.js';
import { deploymentAlone, deploymentShape, deploymentText } from './shapes.js';

type OfProject = Readonly<{ projectIdentifier: string }>;
type OfDeployment = OfProject & Readonly<{ targetIdentifier: string; deploymentIdentifier: string }>;

/** Deployments of a project. */
@ApiExcludeController()
@Controller('api/http/projects/:projectIdentifier/automation/deployments')
export class SpaceDeploymentsController {
  constructor(
    @Inject(SpaceReports) private readonly reports: SpaceReports,
    @Inject(SpacePlaces) private readonly places: SpacePlaces,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Post('schedule')
  @HttpCode(200)
  @Needs('deployments:write')
  async schedule(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.send(request, reply, this.reports.report(request, 'ScheduleDeployment', ...asked(of, request)));
  }

  /** No job of Space's runs here: where one was to say how it ended, the pipeline says so. */
  @Post('start')
  @HttpCode(200)
  @Needs('deployments:write')
  async start(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.send(request, reply, this.reports.report(request, 'StartDeployment', ...asked(of, request)));
  }

  @Post('finish')
  @HttpCode(200)
  @Needs('deployments:write')
  async finish(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.send(request, reply, this.reports.report(request, 'FinishDeployment', ...asked(of, request)));
  }

  @Post('fail')
  @HttpCode(200)
  @Needs('deployments:write')
  async fail(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.send(request, reply, this.reports.fail(request, ...asked(of, request)));
  }

  @Get()
  @NeedsReading()
  async list(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const project = projectOf(of.projectIdentifier);
    const query = queryOf(request);
    const window = windowIn(request);
    const named = query.get('targetIdentifier');
    const target = named ? await this.reads.target(project, await this.places.keyOf(project, named)) : undefined;
    // No deployment here is a job's.
    if (query.get('jobExecutionId')) return sendBatch(request, reply, { count: 0, total: 0, window, shapes: () => [] });
    const filters = target ? { target: target.key } : {};
    const fields = fieldsOf(request);
    if (!asksFor(fields, 'data', 'target')) {
      const { items, total } = await this.reads.deployments(project, filters, window);
      const shapes = () => items.map(({ shown, deployment }) => deploymentAlone(project, shown.target, deployment));
      return sendBatch(request, reply, { count: items.length, total, window, shapes, fields });
    }
    const { items, total, targets } = await this.reads.deploymentsWithTargets(project, filters, window);
    const all = items.flatMap(({ shown, deployment }) => {
      const own = targets.get(shown.target);
      return own ? [{ deployment, target: own }] : [];
    });
    const shapes = () => all.map(deploymentShape);
    const texts = () => all.map(deploymentText);
    await sendBatch(request, reply, { count: all.length, total, window, shapes, texts, fields });
  }

  @Get(':targetIdentifier/:deploymentIdentifier')
  @NeedsReading()
  async get(@Param() of: OfDeployment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const project = projectOf(of.projectIdentifier);
    const key = await this.places.keyOf(project, of.targetIdentifier);
    const { deployment, target } = await this.places.deploymentWithTarget(project, key, of.deploymentIdentifier);
    await sendDeployment(request, reply, { deployment, target });
  }

  @Patch()
  @Needs('deployments:write')
  async change(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [project, members] = asked(of, request);
    const target = await this.places.keyOf(project, members['targetIdentifier']);
    const number = await this.reports.numberOf(request, { project, target }, members['deploymentIdentifier']);
    const wish = { type: 'ChangeDeployment', project, target, number, data: broughtBy(members) } as const;
    const answer = await this.commands.send(request, wish);
    await sendDeployment(request, reply, { deployment: answer.deployment!, target: answer.target as Target });
  }

  @Delete(':targetIdentifier/:deploymentIdentifier')
  @Needs('deployments:write')
  async delete(@Param() of: OfDeployment, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const project = projectOf(of.projectIdentifier);
    const target = await this.places.keyOf(project, of.targetIdentifier);
    const number = await this.reports.numberOf(request, { project, target }, of.deploymentIdentifier);
    await this.commands.send(request, { type: 'DeleteDeployment', project, target, number });
    await reply.code(200).send();
  }

  private async send(request: FastifyRequest, reply: FastifyReply, reporting: Promise<Reported>): Promise<void> {
    const { deployment, target } = await reporting;
    await sendDeployment(request, reply, { deployment, target });
  }
}

const asked = (
  { projectIdentifier }: OfProject,
  { body }: FastifyRequest,
): [project: string, members: Readonly<Record<string, unknown>>] => [projectOf(projectIdentifier), membersOf(body)];
