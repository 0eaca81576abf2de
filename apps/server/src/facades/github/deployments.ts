import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { presentEvent, type PresentedEvent } from '#contracts';
import { streamOf, type DeploymentEventData, type Metadata } from '#domain';
import { deploymentKey } from '#projections';
import { Links } from '../../http/links.js';
import { Names } from '../../http/names.js';
import { StreamReader } from '../../http/views/stream-reader.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { isLeftAlone, leavesOthers } from './recorded.js';
import { deploymentShape } from './shapes.js';
import { isReplaced, stateOf } from './states.js';
import { statusesOf, type StatusSeen } from './statuses.js';

export type SeenStatuses = Readonly<{ seen: Seen; statuses: readonly StatusSeen[] }>;

/** Deployments and their statuses as GitHub has them, from the views and the log. */
@Injectable()
export class GitHubDeployments {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(Names) private readonly names: Names,
    @Inject(Links) private readonly links: Links,
  ) {}

  /** The address below which this client finds the routes. */
  apiOf(request: FastifyRequest): string {
    return `${this.links.base(request)}${request.raw.url!.startsWith('/api/') ? '/api/v3' : ''}`;
  }

  /** Throws where there is none. */
  one(project: string, id: string): Promise<Seen> {
    return this.reads.deployment(project, id);
  }

  /** As it is shown; throws where there is none. */
  async shapeOf(request: FastifyRequest, project: string, id: string) {
    const atHand = await this.reads.deploymentAndSuccessor(project, id);
    const [shape] = await this.shapes(request, atHand.slice(0, 1), atHand);
    return shape!;
  }

  /** `atHand`: what need not be read again to tell their states. */
  async shapes(request: FastifyRequest, all: readonly Seen[], atHand = all) {
    const states = await this.states(all, atHand);
    const api = this.apiOf(request);
    return all.map((seen, n) => deploymentShape(api, seen, states[n]!));
  }

  /** What GitHub would show as the state of each. */
  async states(all: readonly Seen[], atHand = all) {
    const replaced = new Map(
      all.filter(({ deployment }) => isReplaced(deployment)).map((seen) => [seen, placedIn(seen)]),
    );
    const leaving = await this.leaving([...replaced.values()], atHand);
    return all.map((seen) => {
      const placed = replaced.get(seen);
      const stays = placed && (isLeftAlone(placed) || (placed.by !== undefined && leaving.has(placed.by)));
      return stateOf(seen.deployment, stays ?? false);
    });
  }

  /** The statuses of each of these, oldest first. */
  async statuses(all: readonly Seen[]): Promise<SeenStatuses[]> {
    const byStream = new Map<string, Seen[]>();
    for (const seen of all) {
      const stream = streamOf(seen.shown.project, seen.shown.target);
      byStream.set(stream, [...(byStream.get(stream) ?? []), seen]);
    }
    const read = await Promise.all([...byStream].map(([stream, those]) => this.ofStream(stream, those)));
    const found = new Map(read.flat().map((each) => [each.seen, each]));
    return all.map((seen) => found.get(seen)!);
  }

  private async ofStream(stream: string, all: readonly Seen[]): Promise<SeenStatuses[]> {
    const after = Math.min(...all.map(({ deployment: { created } }) => created.version)) - 1;
    const filter = { members: { number: all.map(({ shown: { number } }) => number) } };
    const events: PresentedEvent[] = [];
    for await (const piece of this.streams.scan(stream, filter, { after })) {
      const people = await this.names.inEvents(piece.events);
      events.push(...piece.events.map((event) => presentEvent('', event, people)));
    }
    const ended = events.map(({ target, data }) => {
      const { metadata, supersededBy } = data as DeploymentEventData;
      return { target, metadata, by: supersededBy === undefined ? undefined : deploymentKey(stream, supersededBy) };
    });
    const leaving = await this.leaving(ended);
    return all.map((seen) => {
      const own = events.filter(({ number }) => number === seen.shown.number);
      return { seen, statuses: statusesOf(own, (by) => leaving.has(deploymentKey(stream, by))) };
    });
  }

  /** Of those that took the place of others: the ones that were to leave their status as it was. */
  private async leaving(ended: readonly Placed[], atHand: readonly Seen[] = []): Promise<ReadonlySet<string>> {
    const keys = ended.flatMap((placed) => (placed.by === undefined || isLeftAlone(placed) ? [] : [placed.by]));
    const found = await this.reads.others([...new Set(keys)], atHand);
    return new Set([...found].filter(([, deployment]) => leavesOthers(deployment)).map(([key]) => key));
  }
}

/** Of a deployment or an event of it, what its state depends on when it is replaced; `by` is the key of what took its place. */
type Placed = Readonly<{ target: string; metadata: Metadata; by: string | undefined }>;

function placedIn({ shown: { project, target }, deployment: { metadata, supersededBy } }: Seen): Placed {
  const by = supersededBy === null ? undefined : deploymentKey(streamOf(project, target), supersededBy);
  return { target, metadata, by };
}
