import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isKey } from '#domain';
import type { Pool } from '#event-store';
import {
  everyItem,
  listProjects,
  listTargetKeys,
  listVersions,
  projectExists,
  type EnvironmentItem,
  type PageQuery,
  type VersionItem,
  type Window,
} from '#projections';
import { reaches } from '../../http/auth/identity.js';
import { reachOf } from '../../http/views/pages.js';
import { POOL } from '../../parts.js';
import { FacadeReads } from '../facade-reads.js';
import {
  digestOfEnvironment,
  digestOfProduct,
  digestOfVersion,
  uuidOfEnvironment,
  uuidOfProduct,
  uuidOfVersion,
} from './ids.js';
import { BUILDS } from './read-event.js';

const AT_ONCE = 200;
/** Of what an id names there is one, or none. */
const FEW: Window = { offset: 0, limit: 10 };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type VersionOf = Readonly<{ product: string; version: string; item: VersionItem }>;

/** Products, environments and versions: what the targets and deployments have, by name, and by the id that is made from it. */
@Injectable()
export class Catalog {
  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  /** Projects that have a target, by name. */
  async products(request: FastifyRequest, { offset, limit }: Window): Promise<string[]> {
    await this.reads.settleAll(['current']);
    const found: string[] = [];
    for await (const product of this.all(request)) {
      if (found.length >= offset + limit) break;
      found.push(product);
    }
    return found.slice(offset);
  }

  /** By id, or by its name itself; undefined where there is none. */
  async product(request: FastifyRequest, id: string): Promise<string | undefined> {
    await this.reads.settleAll(['current']);
    if (isKey(id) && reaches(request.identity!, id) && (await projectExists(this.pool, id))) return id;
    if (!UUID.test(id)) return undefined;
    return (await this.alike(request, id)).find((product) => uuidOfProduct(product) === id.toLowerCase());
  }

  async environments(request: FastifyRequest, window: Window): Promise<EnvironmentItem[]> {
    await this.reads.settleAll(['current']);
    return listTargetKeys(this.pool, { projects: reachOf(request), except: BUILDS }, window);
  }

  async environment(request: FastifyRequest, id: string): Promise<EnvironmentItem | undefined> {
    await this.reads.settleAll(['current']);
    const asked = { projects: reachOf(request), except: BUILDS };
    const named = isKey(id) ? await listTargetKeys(this.pool, { ...asked, key: id }, FEW) : [];
    if (named.length > 0 || !UUID.test(id)) return named[0];
    const some = await listTargetKeys(this.pool, { ...asked, digest: digestOfEnvironment(id) }, FEW);
    return some.find(({ key }) => uuidOfEnvironment(key) === id.toLowerCase());
  }

  async versions(product: string, window: Window, version?: string): Promise<VersionItem[]> {
    await this.reads.settleAll(['deployments']);
    return listVersions(
      this.pool,
      { project: product, at: BUILDS, ...(version === undefined ? {} : { version }) },
      window,
    );
  }

  async version(request: FastifyRequest, id: string): Promise<VersionOf | undefined> {
    if (!UUID.test(id)) return undefined;
    for (const product of await this.alike(request, id)) {
      const found = await this.versionIn(product, id);
      if (found) return found;
    }
    return undefined;
  }

  private async versionIn(product: string, id: string): Promise<VersionOf | undefined> {
    await this.reads.settleAll(['deployments']);
    const digest = digestOfVersion(product, id);
    const some = await listVersions(this.pool, { project: product, at: BUILDS, digest }, FEW);
    const item = some.find(({ version }) => uuidOfVersion(product, version) === id.toLowerCase());
    return item && { product, version: item.version, item };
  }

  /** Products whose id, and the ids of whose versions, begin as this one does: one as a rule. */
  private async alike(request: FastifyRequest, uuid: string): Promise<string[]> {
    const filters = { projects: reachOf(request), digest: digestOfProduct(uuid) };
    const { items } = await listProjects(this.pool, filters, { limit: FEW.limit });
    return items.map(({ key }) => key);
  }

  private async *all(request: FastifyRequest): AsyncGenerator<string> {
    const projects = reachOf(request);
    const all = everyItem(AT_ONCE, (page: PageQuery<string>) => listProjects(this.pool, { projects }, page));
    for await (const { key } of all) yield key;
  }
}
