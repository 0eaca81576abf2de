import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deploymentText, presentProject, presentTarget } from '#contracts';
import { isKey } from '#domain';
import type { Pool } from '#event-store';
import { listProjects, listTargets, projectExists, type PageQuery } from '#projections';
import { POOL } from '../../parts.js';
import { API } from '../links.js';
import { Names } from '../names.js';
import { Answers } from '../openapi.js';
import { Problem } from '../problem.js';
import { sendResource, sendText } from '../resource.js';
import { inTime, momentOf } from './moments.js';
import { Pages, reachOf } from './pages.js';
import { isName } from './places.js';
import { PAGE, Reads } from './reads.js';
import { Views } from './views.js';

/** Projects and their targets. */
@ApiTags('targets')
@Controller(`${API}/projects`)
export class TargetsController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Pages) private readonly pages: Pages,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  @Get()
  @Reads(['current'], ...PAGE)
  @Answers.page('Project')
  listProjects(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pages.send(request, reply, {
      read: (page: PageQuery<string>) => listProjects(this.pool, { projects: reachOf(request) }, page),
      isPlace: isName,
      show: (projects) => projects.map(presentProject),
    });
  }

  @Get(':project/targets')
  @Reads(['current'], ...PAGE)
  @Answers.page('Target')
  async listTargets(
    @Param('project') project: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isKey(project) || !(await projectExists(this.pool, project))) throw new Problem('project_not_found');
    await this.pages.send(request, reply, {
      read: (page: PageQuery<string>) => listTargets(this.pool, project, page),
      isPlace: isName,
      show: async (targets) => {
        const people = await this.names.inTargets(targets);
        return targets.map((target) => presentTarget(target, people));
      },
    });
  }

  @Get(':project/targets/:target')
  @Reads(['current'])
  @Answers.one('Target')
  async getTarget(
    @Param() { project, target: key }: Readonly<{ project: string; target: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = await this.views.target(project, key);
    const shown = presentTarget(target, await this.names.inTargets([target]));
    await sendResource(request, reply, shown, String(target.version));
  }

  @Get(':project/targets/:target/current')
  @Reads(inTime, 'at', 'by')
  @Answers.one('Deployment')
  async getCurrent(
    @Param() { project, target }: Readonly<{ project: string; target: string }>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const stored = await this.views.current(project, target, momentOf(request.asked));
    const people = await this.names.inTexts([stored]);
    await sendText(request, reply, deploymentText(project, target, stored, people));
  }
}
