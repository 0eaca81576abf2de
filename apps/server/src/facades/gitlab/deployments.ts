import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentEvent } from '#contracts';
import { fromEpochMillis, streamOf, type DeploymentEventData, type Target } from '#domain';
import { clock } from '#runtime';
import { Names } from '../../http/names.js';
import { StreamReader } from '../../http/views/stream-reader.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { GitLabProjects } from './projects.js';
import type { Asked } from './read-list.js';
import { approvalShape, deploymentShape, extendedShape, type GivenApproval } from './shapes.js';

const DECISIONS = ['DeploymentApproved', 'DeploymentRejected'];

/** Deployments as GitLab has them, from the views and the log. */
@Injectable()
export class GitLabDeployments {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(Names) private readonly names: Names,
    @Inject(GitLabProjects) private readonly projects: GitLabProjects,
  ) {}

  /** Throws where there is none. */
  one(project: string, id: string): Promise<Seen> {
    return this.reads.deployment(project, id);
  }

  /** As it is shown by itself; throws where there is none. */
  async shapeOf(request: FastifyRequest, project: string, id: string) {
    const { seen, on } = await this.reads.deploymentWithTarget(project, id);
    return this.extended(request, seen, on);
  }

  /** A page of a list, and how many there are in all. */
  async list(request: FastifyRequest, project: string, { filters, window }: Pick<Asked, 'filters' | 'window'>) {
    const { items, total, targets } = await this.reads.deploymentsWithTargets(project, filters, window);
    return { body: await this.shapes(request, items, targets), total };
  }

  /** As lists have them; `targets` are theirs, by key. */
  async shapes(request: FastifyRequest, all: readonly Seen[], targets: ReadonlyMap<string, Target>) {
    const base = this.projects.baseOf(request);
    const approvals = await this.approvals(all);
    return all.map((seen) =>
      deploymentShape({ base, seen, target: targets.get(seen.shown.target), approvals: approvals.get(seen) ?? [] }),
    );
  }

  /** One by itself, with the rules of its environment; `known` is that, where it is at hand. */
  async extended(request: FastifyRequest, seen: Seen, known?: Target | null) {
    const { project, target: key } = seen.shown;
    const target = known ?? (await this.reads.targetsNamed(project, [key])).get(key);
    const approvals = (await this.approvals([seen])).get(seen) ?? [];
    return extendedShape({ base: this.projects.baseOf(request), seen, target, approvals });
  }

  /** What the sender has just decided. */
  decision(request: FastifyRequest, status: GivenApproval['status'], comment: string) {
    const at = fromEpochMillis(clock.now());
    return approvalShape(this.projects.baseOf(request), { status, actor: request.identity!.actor, at, comment });
  }

  /** Who decided what about those that waited for it, oldest first: only the log has the comments. */
  private async approvals(all: readonly Seen[]): Promise<ReadonlyMap<Seen, GivenApproval[]>> {
    const byStream = new Map<string, Seen[]>();
    for (const seen of all) {
      if (seen.deployment.approval === 'not_asked') continue;
      const stream = streamOf(seen.shown.project, seen.shown.target);
      byStream.set(stream, [...(byStream.get(stream) ?? []), seen]);
    }
    const read = await Promise.all([...byStream].map(([stream, those]) => this.ofStream(stream, those)));
    return new Map(read.flat());
  }

  private async ofStream(stream: string, all: readonly Seen[]): Promise<Array<[Seen, GivenApproval[]]>> {
    const given = new Map(all.map((seen) => [seen.shown.number, { seen, approvals: [] as GivenApproval[] }]));
    const after = Math.min(...all.map(({ deployment: { created } }) => created.version)) - 1;
    const filter = { types: DECISIONS, members: { number: [...given.keys()] } };
    for await (const piece of this.streams.scan(stream, filter, { after })) {
      const people = await this.names.inEvents(piece.events);
      for (const event of piece.events) {
        const { type, number, actor, occurredAt, data } = presentEvent('', event, people);
        const { comment = '', rule } = data as DeploymentEventData;
        const status = type === 'DeploymentApproved' ? 'approved' : 'rejected';
        const decision = { status, actor, at: occurredAt, comment, ...(rule === undefined ? {} : { rule }) } as const;
        given.get(number!)?.approvals.push(decision);
      }
    }
    return [...given.values()].map(({ seen, approvals }) => [seen, approvals]);
  }
}
