import { Inject, Injectable } from '@nestjs/common';
import { isKey, type Deployment, type Target } from '#domain';
import { EventStore } from '#event-store';
import { ProjectionRunner, type At, type DeploymentItem, type Lookups, type ViewName } from '#projections';
import { LOOKUPS } from '../../parts.js';
import { reaches, type Identity } from '../auth/identity.js';
import { readNumber } from '../number.js';
import { Problem, viewBehind, viewUnbuilt } from '../problem.js';

const WAIT_MS = 5_000;
const LOOK_MS = 50;

/** Single things as the views have them, or the 404 that says what is missing. */
@Injectable()
export class Views {
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

  async current(project: string, key: string): Promise<Deployment> {
    const { current } = await this.target(project, key);
    if (!current) throw new Problem('no_current_deployment');
    return current;
  }

  /** What was current at a moment on a target that is there now. */
  async currentAt(project: string, key: string, at: At): Promise<Deployment> {
    const current = isKey(project) && isKey(key) ? await this.lookups.getCurrentAt(project, key, at) : undefined;
    if (current === undefined) throw new Problem('target_not_found');
    if (!current)
      throw new Problem('no_current_deployment', at.at && `Nothing was current on this target at ${at.at}.`);
    return current;
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
  async deploymentById(text: string, reader: Identity): Promise<DeploymentItem> {
    const id = readNumber(text);
    const found = id === undefined ? undefined : await this.lookups.getDeploymentById(id);
    if (!found || !reaches(reader, found.project)) throw new Problem('deployment_not_found');
    return found;
  }

  /** Waits until the views, or without any the log itself, have reached the position that the reader asks for, if he does. */
  async reach(position: number | undefined, views: readonly ViewName[]): Promise<void> {
    if (!position) {
      if (!(await this.projections.areBuilt(views))) throw viewUnbuilt();
      return;
    }
    const reached =
      views.length === 0 ? this.logReaches(position) : this.projections.waitForPosition(views, position, WAIT_MS);
    if (!(await reached)) throw viewBehind(position);
  }

  private async logReaches(position: number): Promise<boolean> {
    for (const end = performance.now() + WAIT_MS; performance.now() < end;) {
      if ((await this.store.head()).position >= position) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }
}
