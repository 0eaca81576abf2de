import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VersionItem } from '#projections';
import { NeedsReading } from '../../http/auth/needs.js';
import { Problem } from '../../http/problem.js';
import { sendResource } from '../../http/resource.js';
import { queryOf } from '../credentials.js';
import { FacadeReads } from '../facade-reads.js';
import { textIn, windowIn } from './asked.js';
import { Catalog } from './catalog.js';
import { Claimants } from './claimants.js';
import { invalidParameter } from './dialect.js';
import { environmentShape, productShape, versionShape } from './shapes.js';

/** Products, environments and versions, which come into being with what is reported of them. */
@ApiExcludeController()
@Controller()
export class VersionerCatalogController {
  constructor(
    @Inject(Catalog) private readonly catalog: Catalog,
    @Inject(Claimants) private readonly claimants: Claimants,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  @Get('products')
  @NeedsReading()
  async products(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const window = windowIn(request);
    const items = (await this.catalog.products(request, window)).map(productShape);
    await sendResource(request, reply, items);
  }

  @Get('products/:uuid')
  @NeedsReading()
  async product(
    @Param('uuid') uuid: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const product = await this.catalog.product(request, uuid);
    if (product === undefined) throw new Problem('project_not_found');
    await sendResource(request, reply, productShape(product));
  }

  @Get('environments')
  @NeedsReading()
  async environments(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const window = windowIn(request);
    const items = (await this.catalog.environments(request, window)).map(environmentShape);
    await sendResource(request, reply, items);
  }

  @Get('environments/:uuid')
  @NeedsReading()
  async environment(
    @Param('uuid') uuid: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.catalog.environment(request, uuid);
    if (!found) throw new Problem('target_not_found');
    await sendResource(request, reply, environmentShape(found));
  }

  /** Of one product: which one has to be said. */
  @Get('versions')
  @NeedsReading()
  async versions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const window = windowIn(request);
    const query = queryOf(request);
    const asked = textIn(query, 'product_id') ?? textIn(query, 'product_name');
    if (!asked) throw invalidParameter('product_id', 'Field required');
    const product = await this.catalog.product(request, asked);
    const found = product === undefined ? [] : await this.catalog.versions(product, window, textIn(query, 'version'));
    await sendResource(request, reply, await this.shapes(found));
  }

  @Get('versions/:uuid')
  @NeedsReading()
  async version(
    @Param('uuid') uuid: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.catalog.version(request, uuid);
    if (!found) throw new Problem('not_found');
    const [shape] = await this.shapes([found.item]);
    await sendResource(request, reply, shape!);
  }

  private async shapes(items: readonly VersionItem[]): Promise<object[]> {
    const ids = items.flatMap(({ first, lastAt }) => (lastAt === null ? [first] : [first, lastAt]));
    const found = await this.reads.byId(ids);
    const shown = items.flatMap((item) => {
      const seen = found.get(item.lastAt ?? item.first);
      return seen ? [{ item, seen }] : [];
    });
    const claims = await this.claimants.of(shown.map(({ seen }) => seen));
    return shown.map(({ item: { first, lastAt }, seen: { shown: place, deployment } }, n) => {
      const { project, target, actor } = place;
      const tracked = { project, target, deployment, actor, claimedBy: claims[n] };
      return versionShape(tracked, lastAt !== null, found.get(first)?.shown.createdAt ?? place.createdAt);
    });
  }
}
