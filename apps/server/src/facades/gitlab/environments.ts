import { Inject, Injectable } from '@nestjs/common';
import type { Target } from '#domain';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { notFound } from './dialect.js';
import { environmentNumber } from './shapes.js';
import { standingsOf } from './states.js';

/** The label in which a target that runs nothing has the number of its last deployment when a client stopped it. */
const STOPPED = 'gitlab.stopped';

export type Environment = Readonly<{ target: Target; isStopped: boolean }>;

/** Environments, which are the targets of a project, as GitLab has them. */
@Injectable()
export class GitLabEnvironments {
  constructor(@Inject(FacadeReads) private readonly reads: FacadeReads) {}

  async all(project: string): Promise<Environment[]> {
    return this.withStates(project, await this.reads.targets(project));
  }

  /** Throws where there is none. */
  async one(project: string, id: string): Promise<Environment> {
    const target = (await this.reads.targets(project)).find((each) => String(environmentNumber(each)) === id);
    if (!target) throw notFound();
    const [environment] = await this.withStates(project, [target]);
    return environment!;
  }

  /** The newest deployment that was a success. */
  last({ project, key }: Target): Promise<Seen | undefined> {
    return this.reads.newest(project, { target: key, standings: standingsOf('success') });
  }

  private async withStates(project: string, targets: readonly Target[]): Promise<Environment[]> {
    const idle = targets.filter(({ current }) => current === null);
    const retired = await this.reads.keysWithRetired(project, idle);
    return targets.map((target) => ({ target, isStopped: retired.has(target.key) || wasStopped(target) }));
  }
}

/** One that ran nothing is stopped until something is deployed to it. */
const wasStopped = ({ current, labels, lastNumber }: Target): boolean =>
  current === null && labels[STOPPED] === String(lastNumber);

export const stoppedLabels = ({ labels, lastNumber }: Target): Readonly<Record<string, string>> => ({
  ...labels,
  [STOPPED]: String(lastNumber),
});
