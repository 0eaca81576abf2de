import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NeedsReading } from '../../http/auth/needs.js';
import { sendResource } from '../../http/resource.js';
import { ProjectNumbers } from '../project-numbers.js';
import { emptyPage, pageOfAll, sendPage } from './answering.js';
import { Params } from './params.js';
import { GitLabProjects } from './projects.js';
import { projectShape, userShape } from './shapes.js';

/** The oldest of which all that is served here is true: clients choose by it what they send. */
const VERSION = { version: '17.0.0', revision: 'shiplog' };

/** What clients ask first: whether the token is good, which GitLab this is, whether the project is there. */
@ApiExcludeController()
@Controller('api/v4')
export class GitLabAccountController {
  constructor(
    @Inject(GitLabProjects) private readonly places: GitLabProjects,
    @Inject(ProjectNumbers) private readonly numbers: ProjectNumbers,
  ) {}

  @Get('version')
  @NeedsReading()
  async version(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendResource(request, reply, VERSION);
  }

  @Get('metadata')
  @NeedsReading()
  async metadata(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendResource(request, reply, { ...VERSION, kas: { enabled: false }, enterprise: false });
  }

  @Get('user')
  @NeedsReading()
  async user(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const user = userShape(this.places.baseOf(request), request.identity!.actor);
    await sendResource(request, reply, { ...user, email: '', bot: request.identity!.actor.kind !== 'user' });
  }

  /** Those within reach that have an environment. */
  @Get('projects')
  @NeedsReading()
  async projects(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const params = new Params(request);
    const search = params.text('search')?.toLowerCase() ?? '';
    const asked = params.page();
    params.check();
    const all = await this.numbers.all(request.identity!);
    const page = pageOfAll(
      all.filter((project) => project.toLowerCase().includes(search)),
      asked,
    );
    const base = this.places.baseOf(request);
    const body = page.items.map((project) => projectShape(base, project, this.numbers.numberOf(project)));
    await sendPage(request, reply, { url: this.places.addressOf(request), body, ...page });
  }

  /** Nobody here knows of any. Collectors ask for them beside the deployments, and give up where there is no such route. */
  @Get(['projects/:pathOrId/pipelines', 'projects/:pathOrId/jobs', 'projects/:pathOrId/members/all'])
  @NeedsReading()
  async nothing(
    @Param() { pathOrId }: Readonly<{ pathOrId: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = emptyPage(request);
    await this.places.of(request, pathOrId);
    await sendPage(request, reply, { url: this.places.addressOf(request), ...page });
  }

  /** A project comes into being with its first target: one that has none yet is there for whoever may make it. */
  @Get('projects/:pathOrId')
  @NeedsReading()
  async project(
    @Param() { pathOrId }: Readonly<{ pathOrId: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const project = await this.places.of(request, pathOrId);
    const number = this.numbers.numberOf(project);
    await sendResource(request, reply, projectShape(this.places.baseOf(request), project, number));
  }
}
