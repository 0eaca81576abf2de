import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WindowFilters } from '#projections';
import { NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { Catalog } from './catalog.js';
import { Claimants } from './claimants.js';
import { deploymentIdOf } from './ids.js';
import { filtersIn, windowIn } from './asked.js';
import { BUILDS } from './read-event.js';
import { buildShape, deploymentShape, type Tracked } from './shapes.js';

type Listed = Readonly<{
  shapeOf: (tracked: Tracked) => object;
  only?: Pick<WindowFilters, 'targets'>;
  except?: string;
}>;

/** Deployments and builds, as they were reported in whichever way. */
@ApiExcludeController()
@Controller()
export class VersionerListsController {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(Claimants) private readonly claimants: Claimants,
  ) {}

  @Get('deployments')
  @NeedsReading()
  async deployments(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sendList(request, reply, { shapeOf: deploymentShape, except: BUILDS });
  }

  @Get('deployments/:uuid')
  @NeedsReading()
  async deployment(
    @Param('uuid') uuid: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const seen = await this.one(request, uuid);
    if (seen.shown.target === BUILDS) throw new Problem('deployment_not_found');
    await sendResource(request, reply, deploymentShape((await this.tracked([seen]))[0]!));
  }

  @Get('builds')
  @NeedsReading()
  async builds(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sendList(request, reply, { shapeOf: buildShape, only: { targets: [BUILDS] } });
  }

  @Get('builds/:uuid')
  @NeedsReading()
  async build(@Param('uuid') uuid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const seen = await this.one(request, uuid);
    if (seen.shown.target !== BUILDS) throw new Problem('deployment_not_found');
    await sendResource(request, reply, buildShape((await this.tracked([seen]))[0]!));
  }

  private async sendList(
    request: FastifyRequest,
    reply: FastifyReply,
    { shapeOf, only = {}, except }: Listed,
  ): Promise<void> {
    const window = windowIn(request);
    const filters = await filtersIn(request, this.catalog);
    const found = filters ? await this.reads.deploymentsWithin({ ...filters, ...only }, window, except) : [];
    await sendResource(request, reply, (await this.tracked(found)).map(shapeOf));
  }

  private async one(request: FastifyRequest, uuid: string): Promise<Seen> {
    const id = deploymentIdOf(uuid);
    if (id === undefined) throw new Problem('deployment_not_found');
    return this.reads.deploymentIn(request.identity!.projects, id);
  }

  private async tracked(all: readonly Seen[]): Promise<Tracked[]> {
    const claims = await this.claimants.of(all);
    return all.map(({ shown: { project, target, actor }, deployment }, n) => ({
      project,
      target,
      deployment,
      actor,
      claimedBy: claims[n],
    }));
  }
}
