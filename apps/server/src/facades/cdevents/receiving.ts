import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { isOpen, streamOf, wasCurrent } from '#domain';
import { authorize } from '../../http/auth/access.guard.js';
import { Problem } from '../../http/problem.js';
import { environmentTypeOf } from '../environment-type.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { keepingCDEvent, keptOf } from './kept.js';
import type { CDEvent, Happening } from './read-cdevent.js';
import { LastEvents } from '../last-events.js';
import { settling } from '../settling.js';
import { standingOf, type Known, type Standing } from '../target-standing.js';

type Received = Readonly<{
  request: FastifyRequest;
  event: CDEvent;
  standing: Standing;
  /** The target must stand as it is looked at. */
  isHeld?: boolean;
  /** The event was decided before by what was out of date. */
  isAgain?: boolean;
}>;
type Asked = Omit<Wish, 'project' | 'target' | 'commandId' | 'says'>;

/** Makes of a CDEvent the commands that say the same here; by source and id of the event, so that it is taken once. */
@Injectable()
export class Receiving {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(LastEvents) private readonly events: LastEvents,
    @Inject(FacadeReads) private readonly reads: Pick<FacadeReads, 'findTarget'>,
  ) {}

  /** Undefined where there is nothing that it could be said of. */
  async receive(request: FastifyRequest, event: CDEvent): Promise<Answer | undefined> {
    const { project, target } = event;
    authorize(request.identity!, 'deployments:write', { project, target });
    let isFirst = true;
    const decide = (): Promise<Answer | undefined> => {
      const quickly = isFirst ? this.decideAtHand(request, event) : undefined;
      isFirst = false;
      return quickly ?? this.decide(request, event);
    };
    return settling({ project, target }, decide);
  }

  /**
   * By the events that this process knows, for an event that comes to one command: a pipeline reports of the same target again
   * and again. Of an event that was taken already that command is answered with what came of it.
   */
  private decideAtHand(request: FastifyRequest, event: CDEvent): Promise<Answer> | undefined {
    const { project, target, happened } = event;
    const atHand = this.events.atHand(streamOf(project, target));
    if (!atHand || happened === 'removed' || happened === 'canceled' || happened === 'rolledback') return undefined;
    const received = { request, event, standing: standingOf(atHand), isHeld: true };
    return received.standing.exists ? this.takes[happened](received, ofDeployment(received)) : undefined;
  }

  /** By the log as it is. */
  private async decide(request: FastifyRequest, event: CDEvent): Promise<Answer | undefined> {
    const { project, target } = event;
    const stream = streamOf(project, target);
    const [events, first] = await Promise.all([
      this.events.of(stream),
      this.commands.outcomeOf({ project, target }, idOf(event)),
    ]);
    // An id has its outcome for ever, and that of the first try may be that it came too late, or that the target was gone.
    const isAgain = first?.code === 'version_conflict' || first?.code === 'target_not_found';
    const outcome = isAgain ? await this.commands.outcomeOf({ project, target }, idOf(event, AGAIN)) : first;
    const standing = standingOf(events);
    const received = { request, event, standing, isAgain };
    // What was taken is answered with what came of it.
    if (outcome) return this.send(received, { type: 'ChangeDeployment', number: 1 });
    if (event.happened === 'removed') return this.remove(received);
    if (!standing.exists)
      await this.commands.make(request, { project, target }, { environmentType: environmentTypeOf(target) });
    return this.takes[event.happened](received, ofDeployment(received));
  }

  private readonly takes: Readonly<
    Record<Exclude<Happening, 'removed'>, (received: Received, known: Known | undefined) => Promise<Answer>>
  > = {
    queued: (received, known) =>
      known
        ? this.note(received, known)
        : this.send(received, { type: 'ScheduleDeployment', data: { ...said(received), supersede: true } }),
    started: (received, known) => this.start(received, known),
    succeeded: (received, known) => this.finish(received, known),
    failed: (received, known) => this.fail(received, known),
    canceled: (received, known) => this.cancel(received, known),
    deployed: (received) => this.finish(received, ofService(received)),
    rolledback: (received) => this.rollBack(received, ofService(received)),
  };

  private start(received: Received, known: Known | undefined): Promise<Answer> {
    const data = { ...said(received, known), supersede: true };
    if (!known) return this.send(received, { type: 'StartDeployment', data });
    const begins = known.status === 'scheduled' || known.status === 'hanging' || known.status === 'blocked';
    if (!begins) return this.note(received, known);
    return this.send(received, { type: 'StartDeployment', number: known.number, data });
  }

  private finish(received: Received, known: Known | undefined): Promise<Answer> {
    if (!known) return this.send(received, { type: 'FinishDeployment', data: said(received) });
    const { number, status } = known;
    const succeeds = isOpen(status) || status === 'failed' || status === 'canceled';
    return succeeds
      ? this.send(received, { type: 'FinishDeployment', number, data: said(received, known) })
      : this.note(received, known);
  }

  private fail(received: Received, known: Known | undefined): Promise<Answer> {
    const data = { ...said(received, known), reason: received.event.type };
    if (!known) return this.send(received, { type: 'FailDeployment', data });
    const { number, status } = known;
    const fails = isOpen(status) || status === 'current';
    return fails ? this.send(received, { type: 'FailDeployment', number, data }) : this.note(received, known);
  }

  /** Of one that nobody heard of before, what shows is that it was planned and given up. */
  private async cancel(received: Received, known: Known | undefined): Promise<Answer> {
    if (known && !isOpen(known.status)) return this.note(received, known);
    const { metadata: _, ...data } = said(received, known);
    const planned = { type: 'ScheduleDeployment', data: said(received), step: 'planned' } as const;
    const number = known?.number ?? (await this.send(received, planned)).deployment!.number;
    const { occurredAt } = data;
    const ending = { reason: received.event.type, ...(occurredAt === undefined ? {} : { occurredAt }) };
    return this.send(received, { type: 'CancelDeployment', number, data: ending });
  }

  /** Back to what ran there before: what is current is rolled back by it. */
  private async rollBack(received: Received, known: Known | undefined): Promise<Answer> {
    if (known) return this.finish(received, known);
    const { event, standing } = received;
    const to = standing.deployments.find(({ version, status }) => version === event.version && wasCurrent(status));
    if (!to) return this.send(received, { type: 'FinishDeployment', data: said(received) });
    const { version: _, ...data } = said(received);
    try {
      const begun = { type: 'RollbackDeployment', data: { to: to.number, ...data }, step: 'back' } as const;
      const { deployment } = await this.send(received, begun);
      return await this.send(received, { type: 'FinishDeployment', number: deployment!.number, data });
    } catch (error) {
      // Facts are recorded, whatever else is going on there.
      if (!(error instanceof Problem) || error.code !== 'deployment_in_flight') throw error;
      return this.send(received, { type: 'FinishDeployment', data: said(received) });
    }
  }

  private async remove(received: Received): Promise<Answer | undefined> {
    const { project, target, occurredAt } = received.event;
    const recent = received.standing.deployments.find(({ status }) => status === 'current');
    // What has run for long is not among the last events.
    const current = recent ?? (await this.reads.findTarget(project, target))?.current;
    if (!current) return undefined;
    const data = occurredAt === undefined ? {} : { occurredAt };
    return this.send(received, { type: 'RetireDeployment', number: current.number, data });
  }

  /** That it was said, of a deployment that stays as it is. */
  private note(received: Received, known: Known): Promise<Answer> {
    const metadata = keepingCDEvent(known.metadata, received.event);
    return this.send(received, { type: 'ChangeDeployment', number: known.number, data: { metadata } });
  }

  private async send({ request, event, standing, isHeld, isAgain }: Received, asked: Asked): Promise<Answer> {
    const { project, target, id, source } = event;
    const commandId = idOf(event, asked.step ?? (isAgain ? AGAIN : ''));
    const held = isHeld ? { expectedVersion: standing.version } : {};
    const wish = { ...asked, ...held, project, target, commandId, says: [source, id] };
    const answer = await this.commands.send(request, wish);
    this.events.note(streamOf(project, target), answer);
    return answer;
  }
}

const AGAIN = 'again';

/** Ids of this form are the service's own, so that no client can mean one of them. */
const idOf = ({ source, id }: CDEvent, step = ''): string =>
  `shiplog:${hash('sha256', ['cloudevents', source, id, step].join('\n'), 'base64url')}`;

/** The deployment that all events with this subject are about, else the open one of the version. */
function ofDeployment({ event, standing: { deployments } }: Received): Known | undefined {
  if (event.deployment === undefined) return undefined;
  const isSubject = ({ metadata }: Known): boolean => keptOf(metadata).deployment === event.deployment;
  const isOfVersion = ({ status, version, metadata }: Known): boolean =>
    isOpen(status) && version === event.version && keptOf(metadata).deployment === undefined;
  return deployments.find(isSubject) ?? deployments.find(isOfVersion);
}

/** The open deployment of the version, else the one that is current as a deployment that was told to have finished. */
function ofService({ event, standing: { deployments } }: Received): Known | undefined {
  const ofVersion = deployments.filter(({ version }) => version === event.version);
  const isTold = ({ status, metadata }: Known): boolean => {
    const { deployment, service } = keptOf(metadata);
    return status === 'current' && deployment !== undefined && service === undefined;
  };
  return ofVersion.find(({ status }) => isOpen(status)) ?? ofVersion.find(isTold);
}

const said = ({ event }: Received, known?: Known) => ({
  version: event.version!,
  metadata: keepingCDEvent(known?.metadata ?? {}, event),
  ...(event.link === undefined ? {} : { externalLink: { url: event.link } }),
  ...(event.occurredAt === undefined ? {} : { occurredAt: event.occurredAt }),
});
