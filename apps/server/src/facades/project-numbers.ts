import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Pool } from '#event-store';
import { everyItem, listProjects, type PageQuery, type Reach } from '#projections';
import type { Identity } from '../http/auth/identity.js';
import { POOL } from '../parts.js';
import { digestOf, stableNumber } from './stable-number.js';

const KNOWN = 100_000;
const PROJECTS_AT_ONCE = 1_000;
/** A number is of one project, or of none. */
const FEW = 10;

/**
 * Which project has a `stableNumber`, for dialects that name projects by it. A token that names its projects finds one among
 * these; for others what was handed out here is remembered, and else looked for among all that have a target.
 */
@Injectable()
export class ProjectNumbers {
  private readonly projects = new LRUCache<number, string>({ max: KNOWN });

  constructor(@Inject(POOL) private readonly pool: Pool) {}

  numberOf(project: string): number {
    const number = stableNumber(project);
    this.projects.set(number, project);
    return number;
  }

  /** Undefined where there is none within the reach of the sender. */
  async projectOf(number: number, identity: Pick<Identity, 'projects'>): Promise<string | undefined> {
    const { projects } = identity;
    // How long it takes to find none must not tell whether there is one elsewhere.
    if (projects !== '*') return [...projects].find((project) => stableNumber(project) === number);
    return this.projects.get(number) ?? (await this.search(number));
  }

  private async search(number: number): Promise<string | undefined> {
    const filters = { projects: '*', digest: digestOf(number) } as const;
    const { items } = await listProjects(this.pool, filters, { limit: FEW });
    return items.map(({ key }) => key).find((project) => this.numberOf(project) === number);
  }

  /** All within the reach of the sender that have a target, by key. */
  async all({ projects }: Pick<Identity, 'projects'>): Promise<string[]> {
    const found: string[] = [];
    for await (const project of this.projectsIn(projects === '*' ? '*' : [...projects])) found.push(project);
    return found;
  }

  private async *projectsIn(projects: Reach): AsyncGenerator<string> {
    const all = everyItem(PROJECTS_AT_ONCE, (page: PageQuery<string>) => listProjects(this.pool, { projects }, page));
    for await (const { key } of all) yield key;
  }
}
