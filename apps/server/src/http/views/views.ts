import { Inject, Injectable } from '@nestjs/common';
import { isKey, type Deployment, type Target } from '#domain';
import { EventStore } from '#event-store';
import { ProjectionRunner, type At, type DeploymentItem, type Lookups, type ViewName } from '#projections';
import { oneAtATime } from '#runtime';
import { LOOKUPS } from '../../parts.js';
import { reaches, type Identity } from '../auth/identity.js';
import { readNumber } from '../number.js';
import { Problem, viewBehind, viewUnbuilt } from '../problem.js';

const WAIT_MS = 5_000;
const LOOK_MS = 50;

/** Single things as the views have them, or the 404 that says what is missing. */
@Injectable()
export class Views {
  /** By connections that projector, relay and sealer read the log with. */
  private readonly head = oneAtATime(() => this.store.head());

  constructor(
    @Inject(LOOKUPS) private readonly lookups: Lookups,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
    @Inject(EventStore) private readonly store: EventStore,
  ) {}

  async target(project: string, key: string): Promise<Target> {
    // What cannot be a key is looked for nowhere.
    const found = isKey(project) && isKey(key) ? await this.lookups.getTarget(project, key) : undefined;
    if (!found) throw new Problem('target_not_found');
    return found;
  }

  /** What is current on a target, as the text that is stored, or what was at a moment on a target that is there now. */
  async current(project: string, key: string, at?: At): Promise<string> {
    const { lookups } = this;
    const look = () => (at ? lookups.getCurrentAt(project, key, at) : lookups.getCurrent(project, key));
    const current = isKey(project) && isKey(key) ? await look() : undefined;
    if (current === undefined) throw new Problem('target_not_found');
    if (current !== null) return current;
    throw new Problem('no_current_deployment', at?.at && `Nothing was current on this target at ${at.at}.`);
  }

  async deployment(project: string, key: string, text: string): Promise<Deployment> {
    const number = readNumber(text);
    const isPlace = number !== undefined && isKey(project) && isKey(key);
    const found = isPlace ? await this.lookups.getDeployment(project, key, number) : undefined;
    if (found) return found;
    await this.target(project, key);
    throw new Problem('deployment_not_found');
  }

  /** An id says nothing of the project: one that the reader does not reach is not there. */
  async deploymentById(text: string, reader: Pick<Identity, 'projects'>): Promise<DeploymentItem> {
    const id = readNumber(text);
    const found = id === undefined ? undefined : await this.lookups.getDeploymentById(id);
    if (!found || !reaches(reader, found.project)) throw new Problem('deployment_not_found');
    return found;
  }

  /** The same, and its target as it is, where that view has come so far. */
  async deploymentWithTarget(text: string, reader: Pick<Identity, 'projects'>) {
    const id = readNumber(text);
    const found = id === undefined ? undefined : await this.lookups.getDeploymentWithTarget(id);
    if (!found || !reaches(reader, found.item.project)) throw new Problem('deployment_not_found');
    return found;
  }

  /** The same, and behind it the one that took its place, where there is one. */
  async deploymentAndSuccessor(text: string, reader: Pick<Identity, 'projects'>): Promise<readonly DeploymentItem[]> {
    const id = readNumber(text);
    const found = (id === undefined ? undefined : await this.lookups.getDeploymentAndSuccessor(id)) ?? [];
    if (!found[0] || !reaches(reader, found[0].project)) throw new Problem('deployment_not_found');
    return found;
  }

  /**
   * Waits until the views, or without any the log itself, have reached the position that the reader asks for, if he does.
   * Undefined where there is nothing to wait for, as for most.
   */
  reach(position: number | undefined, views: readonly ViewName[]): Promise<void> | undefined {
    if (position) return this.waitFor(position, views);
    const built = this.projections.areBuilt(views);
    if (built === true) return undefined;
    return built.then((are) => {
      if (!are) throw viewUnbuilt();
    });
  }

  /** What is there; where it is not, it is looked for once more as far as the log has come: another replica may just have made it. */
  async sought<T>(views: readonly ViewName[], look: () => Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
      await this.reach((await this.head()).position, views);
      return look();
    }
  }

  private async waitFor(position: number, views: readonly ViewName[]): Promise<void> {
    const reached =
      views.length === 0 ? this.logReaches(position) : this.projections.waitForPosition(views, position, WAIT_MS);
    if (!(await reached)) throw viewBehind(position);
  }

  private async logReaches(position: number): Promise<boolean> {
    for (const end = performance.now() + WAIT_MS; performance.now() < end;) {
      if ((await this.head()).position >= position) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }
}
