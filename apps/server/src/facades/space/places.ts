import { Inject, Injectable } from '@nestjs/common';
import { inFlightOf, nextOf, type Deployment, type Target } from '#domain';
import { readNumber } from '../../http/number.js';
import { Problem } from '../../http/problem.js';
import { FacadeReads } from '../facade-reads.js';
import { invalid } from './dialect.js';
import { readDeploymentIdentifier, readTarget, targetIdOf, targetNumberOf, type Identifier } from './identifiers.js';
import { waitingIn } from './shapes.js';

/** The one of a target that each word means. */
const byStatus: Readonly<Record<string, (target: Target) => Deployment | null>> = {
  current: ({ current }) => current,
  deploying: inFlightOf,
  scheduled: (target) => nextOf(target) ?? waitingIn(target),
};

/** With its target, where that was at hand. */
type Found = Readonly<{ deployment: Deployment; target?: Target }>;

/** What the identifiers of this dialect stand for. */
@Injectable()
export class SpacePlaces {
  constructor(@Inject(FacadeReads) private readonly reads: FacadeReads) {}

  /** The key of the target that is meant in a project; of one that is named by its key it is not asked whether it is there. */
  async keyOf(project: string, value: unknown): Promise<string> {
    const identifier = readTarget(value);
    if (!identifier) throw invalid('targetIdentifier must be given, as id:…, key:… or number:….');
    return this.keyBy(project, identifier);
  }

  async keyBy(project: string, { by, text }: Identifier): Promise<string> {
    if (by === 'number') return this.keyByNumber(project, text);
    if (by !== 'id') return text;
    // The documentation's own samples put the key where the id belongs.
    const key = text.slice(targetIdOf(project, '').length);
    const isId = text.startsWith(targetIdOf(project, '')) && (await this.reads.hasTarget(project, key));
    return isId ? key : text;
  }

  private async keyByNumber(project: string, text: string): Promise<string> {
    const keys = await this.reads.targetKeys(project);
    const meant = keys.filter((key) => String(targetNumberOf(project, key)) === text);
    if (meant.length > 1) throw invalid(`Several targets have the number ${text}: name the target by its key.`);
    if (meant[0] === undefined) throw new Problem('target_not_found');
    return meant[0];
  }

  /** The deployment of a target that is meant. Throws where there is none. */
  async deployment(project: string, key: string, value: unknown): Promise<Deployment> {
    return (await this.find(project, key, value)).deployment;
  }

  /** The same, and the target as it is. */
  async deploymentWithTarget(project: string, key: string, value: unknown): Promise<Required<Found>> {
    const { deployment, target } = await this.find(project, key, value);
    return { deployment, target: target ?? (await this.reads.target(project, key)) };
  }

  private async find(project: string, key: string, value: unknown): Promise<Found> {
    const identifier = readDeploymentIdentifier(value);
    if (!identifier) throw invalid('deploymentIdentifier must be given, as id:…, status:… or version:….');
    const { by, text } = identifier;
    if (by === 'status') return this.ofStatus(project, key, text);
    const found = by === 'version' ? undefined : await this.byId(project, key, text);
    const other = found || by === 'id' ? found : await this.ofVersion(project, key, text);
    if (other) return other;
    await this.reads.target(project, key);
    throw new Problem('deployment_not_found');
  }

  private async ofStatus(project: string, key: string, status: string): Promise<Found> {
    const word = status.toLowerCase();
    const of = Object.hasOwn(byStatus, word) ? byStatus[word] : undefined;
    if (!of) throw invalid(`status must be one of ${Object.keys(byStatus).join(', ')}.`);
    const target = await this.reads.target(project, key);
    const deployment = of(target);
    if (!deployment) throw new Problem('deployment_not_found', `No deployment is ${word} on this target.`);
    return { deployment, target };
  }

  private async byId(project: string, key: string, id: string): Promise<Found | undefined> {
    if (readNumber(id) === undefined) return undefined;
    try {
      const { seen, on } = await this.reads.deploymentWithTarget(project, id);
      if (seen.shown.target !== key) return undefined;
      return { deployment: seen.deployment, ...(on ? { target: on } : {}) };
    } catch (error) {
      if (error instanceof Problem && error.code === 'deployment_not_found') return undefined;
      throw error;
    }
  }

  /** The newest: a version may have been deployed again. */
  private ofVersion(project: string, target: string, version: string): Promise<Found | undefined> {
    return this.reads.newest(project, { target, version });
  }
}
