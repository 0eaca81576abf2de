import { Inject, Injectable } from '@nestjs/common';
import { presentDeployment, type People, type PresentedDeployment } from '#contracts';
import { isKey, streamOf, type Deployment, type Target } from '#domain';
import { keepingPlans, type Pool, type Queryable } from '#event-store';
import {
  deploymentsById,
  deploymentsOf,
  everyItem,
  hasTimedOut,
  keysOfTargets,
  listDeployments,
  listDeploymentsWithProperties,
  listTargets,
  deploymentKey,
  keysWithRetired,
  targetsOf,
  uncountedWindow,
  versionsAfter,
  windowOfDeployments,
  windowOfTargets,
  windowWithTargets,
  type DeploymentItem,
  type PageQuery,
  type Reach,
  type TargetFilters,
  type TargetOrder,
  type PropertyFilters,
  type ViewName,
  type Window,
  type WindowFilters,
} from '#projections';
import { Names } from '../http/names.js';
import { Problem } from '../http/problem.js';
import { Views } from '../http/views/views.js';
import { POOL } from '../parts.js';
import { RecentWrites } from './recent-writes.js';

/** A deployment as the native API shows it, beside what it is made from. */
export type Seen = Readonly<{ shown: PresentedDeployment; deployment: Deployment }>;

type FiltersOfProject = Omit<WindowFilters, 'projects' | 'project'>;

const AT_ONCE = 200;

/** What the views say, once they know what this process wrote for clients of the dialects. */
@Injectable()
export class FacadeReads {
  private readonly planned: Queryable;

  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Names) private readonly names: Names,
    @Inject(POOL) private readonly pool: Pool,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
  ) {
    this.planned = keepingPlans(pool);
  }

  /** The deployment with this id in this project; throws where there is none. */
  async deployment(project: string, id: string): Promise<Seen> {
    await this.settle(project, ['deployments']);
    const reader = { projects: new Set([project]) };
    const found = await this.views.sought(['deployments'], () => this.views.deploymentById(id, reader));
    const [seen] = await this.seen([found]);
    return seen!;
  }

  /** The same, and its target as it is. */
  async deploymentWithTarget(project: string, id: string): Promise<Readonly<{ seen: Seen; on: Target | undefined }>> {
    const views = ['deployments', 'current'] as const;
    await this.settle(project, views);
    const reader = { projects: new Set([project]) };
    const { item, on } = await this.views.sought(views, () => this.views.deploymentWithTarget(id, reader));
    const [seen] = await this.seen([item]);
    return { seen: seen!, on };
  }

  /** The same, and behind it the one that took its place, where there is one. */
  async deploymentAndSuccessor(project: string, id: string): Promise<Seen[]> {
    await this.settle(project, ['deployments']);
    const reader = { projects: new Set([project]) };
    return this.seen(await this.views.sought(['deployments'], () => this.views.deploymentAndSuccessor(id, reader)));
  }

  /** A window of the deployments of a project, and how many there are in all. */
  async deployments(
    project: string,
    filters: FiltersOfProject,
    window: Window,
  ): Promise<Readonly<{ items: readonly Seen[]; total: number }>> {
    if (!isKey(project)) return { items: [], total: 0 };
    await this.settle(project, ['deployments']);
    const { items, total } = await windowOfDeployments(
      this.planned,
      { ...filters, project, projects: [project] },
      window,
    );
    return { items: await this.seen(items), total };
  }

  /** The newest of the deployments of a project that the filters leave. */
  async newest(project: string, filters: FiltersOfProject): Promise<Seen | undefined> {
    if (!isKey(project)) return undefined;
    await this.settle(project, ['deployments']);
    const within = { ...filters, project, projects: [project] };
    const [seen] = await this.seen(await uncountedWindow(this.planned, within, { offset: 0, limit: 1 }));
    return seen;
  }

  /** A window of the deployments of a project, how many there are in all, and the targets of those, by key. */
  async deploymentsWithTargets(
    project: string,
    filters: FiltersOfProject,
    window: Window,
  ): Promise<Readonly<{ items: readonly Seen[]; total: number; targets: ReadonlyMap<string, Target> }>> {
    if (!isKey(project)) return { items: [], total: 0, targets: new Map() };
    await this.settle(project, ['deployments', 'current']);
    const within = { ...filters, project, projects: [project] };
    const { items, total, targets } = await windowWithTargets(this.planned, within, window);
    return {
      items: await this.seen(items),
      total,
      targets: new Map([...targets.values()].map((target) => [target.key, target])),
    };
  }

  /** All deployments within reach that have these properties, of which there is one at least. */
  async withProperties(filters: PropertyFilters): Promise<DeploymentItem[]> {
    await this.settleAll(['commits', 'deployments']);
    const read = (page: PageQuery<number>) => listDeploymentsWithProperties(this.pool, filters, page);
    return listed(everyItem(AT_ONCE, read));
  }

  /** A window of the deployments of all projects that the reader reaches, or of one of them, but for those of targets of one key. */
  async deploymentsWithin(filters: WindowFilters, window: Window, exceptTarget?: string): Promise<Seen[]> {
    await this.settleAll(['deployments']);
    const of = { ...filters, ...(exceptTarget === undefined ? {} : { exceptTarget }) };
    return this.seen(await uncountedWindow(this.planned, of, window));
  }

  /** The deployment with this id in one of these projects; throws where there is none. */
  async deploymentIn(projects: ReadonlySet<string> | '*', id: string): Promise<Seen> {
    await this.settleAll(['deployments']);
    const found = await this.views.sought(['deployments'], () => this.views.deploymentById(id, { projects }));
    const [seen] = await this.seen([found]);
    return seen!;
  }

  /** The deployments with these ids, by id. */
  async byId(ids: readonly number[]): Promise<ReadonlyMap<number, Seen>> {
    const found = await deploymentsById(this.pool, ids);
    const seen = await this.seen([...found.values()]);
    return new Map(seen.map((each) => [each.shown.id, each]));
  }

  /** The last deployments of a version in a project, as far as the views have come. */
  async lastOfVersion(project: string, version: string, limit: number): Promise<readonly DeploymentItem[]> {
    return (await listDeployments(this.planned, { projects: [project], version }, { limit })).items;
  }

  /** The versions of what was deployed in a project after the deployment with this id, as far as the views have come. */
  versionsAfter(project: string, id: number, limit: number): ReturnType<typeof versionsAfter> {
    return versionsAfter(this.planned, project, { after: id, limit });
  }

  /** The last deployment of those within reach that somebody made. */
  async lastBy(projects: Reach, login: string): Promise<Seen | undefined> {
    await this.settleAll(['deployments']);
    const ids = await this.names.idsOf(login);
    const who = ids.length === 1 ? { actor: login } : { actors: ids };
    const { items } = await listDeployments(this.pool, { projects, ...who }, { limit: 1 });
    const [seen] = await this.seen(items);
    return seen;
  }

  /** The deployments of these keys (`deploymentKey`); those that are not there are left out. What is at hand is not read again. */
  async others(keys: readonly string[], atHand: readonly Seen[] = []): Promise<ReadonlyMap<string, Deployment>> {
    if (keys.length === 0) return new Map();
    const found = new Map(atHand.map(({ shown, deployment }) => [keyOf(shown), deployment]));
    const missing = keys.filter((key) => !found.has(key));
    return missing.length === 0 ? found : new Map([...found, ...(await deploymentsOf(this.planned, missing))]);
  }

  /** The deployment of this number; undefined where there is none. */
  async numbered(project: string, key: string, number: number): Promise<Deployment | undefined> {
    await this.settle(project, ['deployments']);
    const [found] = (await this.others([deploymentKey(streamOf(project, key), number)])).values();
    return found;
  }

  /** Whether a deployment of this version failed there for want of time. */
  async hasTimedOut(project: string, key: string, version: string): Promise<boolean> {
    await this.settle(project, ['deployments']);
    return hasTimedOut(this.planned, { project, key, version });
  }

  async hasTarget(project: string, key: string): Promise<boolean> {
    return (await this.findTarget(project, key)) !== undefined;
  }

  async findTarget(project: string, key: string): Promise<Target | undefined> {
    try {
      return await this.targetAtHand(project, key);
    } catch (error) {
      if (error instanceof Problem && error.code === 'target_not_found') return undefined;
      throw error;
    }
  }

  /** Throws where there is none. */
  target(project: string, key: string): Promise<Target> {
    return this.views.sought(['current'], () => this.targetAtHand(project, key));
  }

  private async targetAtHand(project: string, key: string): Promise<Target> {
    await this.settle(project, ['current']);
    return this.views.target(project, key);
  }

  /** The targets of these keys, by key, those that are there. */
  async targetsNamed(project: string, keys: readonly string[]): Promise<ReadonlyMap<string, Target>> {
    if (keys.length === 0) return new Map();
    await this.settle(project, ['current']);
    const found = await targetsOf(
      this.planned,
      [...new Set(keys)].map((key) => streamOf(project, key)),
    );
    return new Map([...found.values()].map((target) => [target.key, target]));
  }

  /** The keys of those of these targets that have a deployment which was retired since the target was made. */
  async keysWithRetired(project: string, targets: readonly Target[]): Promise<ReadonlySet<string>> {
    if (targets.length === 0) return new Set();
    await this.settle(project, ['deployments']);
    return new Set(await keysWithRetired(this.pool, project, targets));
  }

  /** All targets of a project by key. */
  async targets(project: string): Promise<Target[]> {
    if (!isKey(project)) return [];
    await this.settle(project, ['current']);
    return listed(everyItem(AT_ONCE, (page: PageQuery<string>) => listTargets(this.pool, project, page)));
  }

  async targetKeys(project: string): Promise<readonly string[]> {
    await this.settle(project, ['current']);
    return keysOfTargets(this.pool, project);
  }

  /** A window of the targets of all projects within reach, and how many there are in all. */
  async targetsWhere(
    filters: TargetFilters,
    order: TargetOrder,
    window: Window,
  ): Promise<Readonly<{ items: readonly Target[]; total: number }>> {
    await this.settleAll(['current']);
    return windowOfTargets(this.pool, filters, { ...window, ...order });
  }

  /** Deployments with the names of people as reads show them. */
  async seen(items: readonly DeploymentItem[]): Promise<Seen[]> {
    const people: People = await this.names.inDeployments(items.map(({ deployment }) => deployment));
    return items.map(({ project, target, deployment }) => ({
      shown: presentDeployment(project, target, deployment, people),
      deployment,
    }));
  }

  /** As far as this process wrote to any project. */
  async settleAll(views: readonly ViewName[]): Promise<void> {
    await this.views.reach(this.recent.last, views);
  }

  private async settle(project: string, views: readonly ViewName[]): Promise<void> {
    await this.views.reach(this.recent.of(project), views);
  }
}

async function listed<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const keyOf = ({ project, target, number }: PresentedDeployment): string =>
  deploymentKey(streamOf(project, target), number);
