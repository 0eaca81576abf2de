import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Answer } from '#commands';
import { streamOf, withoutHistory, type Deployment, type Target } from '#domain';

const PROJECTS = 10_000;
const TARGETS = 10_000;
/** Metadata can be large. */
const DEPLOYMENTS = 1_000;
const STATES = 1_000;

/** A deployment as a command left it, and which version its target had then. */
export type Left = Readonly<{ project: string; target: string; deployment: Deployment; version: number }>;

/**
 * What this process wrote last for clients of the dialects. They know no `min_position`, and read at once what they wrote:
 * through the same replica they find it. And most of them report of a deployment what comes next, for which no view need be asked.
 */
@Injectable()
export class RecentWrites {
  private readonly positions = new LRUCache<string, number>({ max: PROJECTS });
  private readonly versions = new LRUCache<string, number>({ max: TARGETS });
  private readonly targets = new LRUCache<string, Target>({ max: STATES });
  private readonly deployments = new LRUCache<number, Left>({ max: DEPLOYMENTS });

  /** How far the log stood after the last of all. */
  last = 0;

  note(project: string, target: string, { outcome, target: after, deployment }: Answer): void {
    if (outcome.position > this.of(project)) this.positions.set(project, outcome.position);
    this.last = Math.max(outcome.position, this.last);
    const stream = streamOf(project, target);
    if (!after?.exists) this.versions.delete(stream);
    else {
      this.versions.set(stream, Math.max(outcome.version, this.versions.get(stream) ?? 0));
      this.targets.set(stream, withoutHistory(after));
    }
    const id = deployment?.created.position;
    if (id != null) this.deployments.set(id, { project, target, deployment: deployment!, version: outcome.version });
  }

  /** How far the log stood after it; 0 where there is nothing to wait for. */
  of(project: string): number {
    return this.positions.get(project) ?? 0;
  }

  /** Whether the target was there. */
  hasTarget(project: string, target: string): boolean {
    return this.versions.has(streamOf(project, target));
  }

  /** The target as it was left; others may have written to it since: a command says so by its `version`. */
  target(project: string, target: string): Target | undefined {
    const stream = streamOf(project, target);
    const left = this.targets.get(stream);
    return left?.version === this.versions.get(stream) ? left : undefined;
  }

  /** Undefined where something else was written to its target since. Others may have done so: a command says so by its `version`. */
  left(project: string, id: number): Left | undefined {
    const left = this.deployments.get(id);
    if (left?.project !== project) return undefined;
    return this.versions.get(streamOf(project, left.target)) === left.version ? left : undefined;
  }
}
