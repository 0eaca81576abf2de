import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Pool } from '#event-store';
import { everyItem, listProjects, type PageQuery, type Reach } from '#projections';
import { reaches, type Identity } from '../http/auth/identity.js';
import { POOL } from '../parts.js';
import { digestOf, stableNumber } from './stable-number.js';

const KNOWN = 100_000;
const PROJECTS_AT_ONCE = 1_000;
/** A number is of one project, or of none. */
const FEW = 10;

/**
 * Which project has a `stableNumber`, for dialects that name projects by it. What was handed out here is remembered, what was
 * not is looked for among the projects that a token names, and then among all that have a target.
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
    const found = this.known(number, identity) ?? (await this.search(number));
    return found !== undefined && reaches(identity, found) ? found : undefined;
  }

  private known(number: number, { projects }: Pick<Identity, 'projects'>): string | undefined {
    const known = this.projects.get(number);
    if (known !== undefined || projects === '*') return known;
    return [...projects].find((project) => this.numberOf(project) === number);
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
