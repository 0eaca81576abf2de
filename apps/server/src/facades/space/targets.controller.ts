import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isKey } from '#domain';
import { Needs, NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { FacadeCommands } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { sendShape } from './answering.js';
import { membersOf, required, targetChangeIn } from './body.js';
import { invalid } from './dialect.js';
import { projectOf } from './identifiers.js';
import { SpacePlaces } from './places.js';
import { projectShape, targetShape } from './shapes.js';
import { SpaceTargetLists } from './target-lists.js';

type OfProject = Readonly<{ projectIdentifier: string }>;
type OfTarget = OfProject & Readonly<{ targetIdentifier: string }>;

/** A project, and its targets. */
@ApiExcludeController()
@Controller('api/http/projects/:projectIdentifier')
export class SpaceTargetsController {
  constructor(
    @Inject(SpacePlaces) private readonly places: SpacePlaces,
    @Inject(SpaceTargetLists) private readonly lists: SpaceTargetLists,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
  ) {}

  /** It comes into being with its first target: one that has none yet is there for whoever may make it. */
  @Get()
  @NeedsReading()
  async project(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const project = projectOf(of.projectIdentifier);
    if (!isKey(project)) throw new Problem('project_not_found');
    await sendShape(request, reply, projectShape(project));
  }

  @Get('automation/deployment-targets')
  @NeedsReading()
  async list(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.lists.send(request, reply, projectOf(of.projectIdentifier));
  }

  /** Nobody has favorites here. */
  @Get('automation/deployment-targets/favorites')
  @NeedsReading()
  async favorites(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendShape(request, reply, []);
  }

  @Post('automation/deployment-targets')
  @HttpCode(200)
  @Needs('targets:write')
  async create(@Param() of: OfProject, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const project = projectOf(of.projectIdentifier);
    const members = membersOf(request.body);
    const { key } = required(members, 'key', 'name', 'description');
    const data = targetChangeIn(members, {});
    const { target } = await this.commands.send(request, { type: 'CreateTarget', project, target: key, data });
    await sendShape(request, reply, targetShape(target!));
  }

  @Get('automation/deployment-targets/:targetIdentifier')
  @NeedsReading()
  async get(@Param() of: OfTarget, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { project, target } = await this.meant(of);
    await sendShape(request, reply, targetShape(await this.reads.target(project, target)));
  }

  @Patch('automation/deployment-targets/:targetIdentifier')
  @Needs('targets:write')
  async change(@Param() of: OfTarget, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const place = await this.meant(of);
    const members = membersOf(request.body);
    const { key, links } = members;
    if (key !== undefined && key !== null && key !== place.target)
      throw invalid('key cannot be changed: the history of a target stands under it.');
    const { labels } = links ? await this.reads.target(place.project, place.target) : { labels: {} };
    await this.commands.send(request, { type: 'ChangeTarget', ...place, data: targetChangeIn(members, labels) });
    await reply.code(200).send();
  }

  @Delete('automation/deployment-targets/:targetIdentifier')
  @Needs('targets:write')
  async delete(@Param() of: OfTarget, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.commands.send(request, { type: 'DeleteTarget', ...(await this.meant(of)) });
    await reply.code(200).send();
  }

  private async meant({ projectIdentifier, targetIdentifier }: OfTarget): Promise<{ project: string; target: string }> {
    const project = projectOf(projectIdentifier);
    return { project, target: await this.places.keyOf(project, targetIdentifier) };
  }
}
