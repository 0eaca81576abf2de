import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { streamOf, type CommitRef, type PublicCommandType, type Status } from '#domain';
import { authorize } from '../../http/auth/access.guard.js';
import { allows } from '../../http/auth/identity.js';
import { Problem } from '../../http/problem.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { LastEvents, type LastEvent } from '../last-events.js';
import { isOutdated, isRefusal } from '../settling.js';
import { blocked } from './dialect.js';
import { isMistakable, planFor, type Plan } from './plan.js';
import { concurrent, lacksApproval, lacksSchedule } from './preflight.js';
import type { Event } from './read-event.js';
import { said, sender } from './said.js';
import { isOver } from './statuses.js';
import { standingOf, type Known, type Standing } from '../target-standing.js';
import { holdToKnown, isOfOther, ofVersion, Versions } from './versions.js';

type Reporting = Readonly<{ request: FastifyRequest; event: Event; standing: Standing }>;
type Asked = Omit<Wish, 'project' | 'target'>;
type Move = Readonly<{ type: PublicCommandType; becomes: Status }>;

const moves = {
  start: { type: 'StartDeployment', becomes: 'deploying' },
  finish: { type: 'FinishDeployment', becomes: 'current' },
  fail: { type: 'FailDeployment', becomes: 'failed' },
} as const satisfies Record<string, Move>;

/** Makes of what a client reports the commands that say the same here. */
@Injectable()
export class Tracking {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(LastEvents) private readonly events: LastEvents,
    @Inject(Versions) private readonly versions: Versions,
  ) {}

  /** The deployment or build as it stands after the report. Throws what the client is told else. */
  async report(request: FastifyRequest, given: Event): Promise<Answer> {
    const { product: project, target } = given;
    authorize(request.identity!, 'deployments:write', { project, target });
    const event = { ...given, skipsChecks: given.skipsChecks && allows(request.identity!, 'admin') };
    // What the client chose an id for is answered as it was the first time, whatever stands now.
    if (await this.commands.isRepeat(request, { project, target }))
      return this.send({ request, event }, { type: 'ChangeDeployment', number: 1, data: {} });
    // A command id that the client chose has one outcome, which what is out of date must not be.
    let isFirst = !this.commands.hasChosenId(request);
    const decide = (): Promise<Answer> => {
      const atHand = isFirst ? this.events.atHand(streamOf(project, target)) : undefined;
      isFirst = false;
      return this.decide(request, event, atHand);
    };
    return this.commands.settling(request, { project, target }, decide, isOvertaken);
  }

  private async decide(request: FastifyRequest, event: Event, atHand?: readonly LastEvent[]): Promise<Answer> {
    const stream = streamOf(event.product, event.target);
    const [events, ref] = await Promise.all([atHand ?? this.events.of(stream), this.versions.refOf(event)]);
    const standing = standingOf(events);
    const plan = standing.exists ? planFor(event, standing) : undefined;
    // What may be out of date refuses nothing.
    if (atHand && (!plan || isRefusing(plan, event))) return this.decide(request, event);
    if (plan) return this.take(plan, { request, event, standing }, ref);
    await this.commands.make(request, { project: event.product, target: event.target }, event.made);
    return this.decide(request, event);
  }

  private async take(plan: Plan, given: Reporting, ref: CommitRef | undefined): Promise<Answer> {
    if ('known' in plan) holdToKnown(given.event, plan.known);
    const event = 'known' in plan ? given.event : ofVersion(given.event, ref);
    const answer = await this.carryOut(plan, { ...given, event });
    this.versions.note(event);
    return answer;
  }

  private async carryOut(plan: Plan, reporting: Reporting): Promise<Answer> {
    const { event, standing } = reporting;
    switch (plan.does) {
      case 'create':
        return this.create(reporting);
      case 'refuse':
        throw blocked(lacksApproval({ id: standing.idOf(plan.known), rules: standing.rules() }));
      case 'refuseConcurrent':
        if (!plan.told) await this.giveUp(reporting, 'DEPLOYMENT_IN_PROGRESS');
        throw blocked(concurrent(event, plan.by, standing.idOf(plan.by)));
      case 'repeat':
        return this.held(reporting, { type: 'ChangeDeployment', number: plan.known.number, data: {} });
      case 'change':
        return this.change(reporting, plan.known, plan.known.status);
      case 'cancel':
        await this.change(reporting, plan.known, 'canceled', 'record');
        return this.cancel(reporting, plan.known.number, event.reason);
      default:
        return this.move(reporting, plan.known, moves[plan.does]);
    }
  }

  private change(reporting: Reporting, known: Known, becomes: Status, step?: string): Promise<Answer> {
    const { claimedBy: _, occurredAt: __, ...data } = said(reporting.event, known, becomes);
    const { number } = known;
    return this.held(reporting, { type: 'ChangeDeployment', number, data, ...(step === undefined ? {} : { step }) });
  }

  private async move(reporting: Reporting, known: Known, { type, becomes }: Move): Promise<Answer> {
    const { event, standing } = reporting;
    const { commitRefs } = event;
    const refs = commitRefs.length === 0 ? {} : { commitRefs };
    const skips = type === 'StartDeployment' && event.skipsChecks ? { supersede: true } : {};
    const data = { ...said(event, known, becomes), ...refs, ...reasonFor(type, event), ...skips };
    try {
      return await this.held(reporting, { type, number: known.number, data });
    } catch (error) {
      const by = standing.deployments.find(({ status }) => status === 'deploying');
      if (codeOf(error) === 'deployment_in_flight' && by) throw blocked(concurrent(event, by, standing.idOf(by)));
      throw error;
    }
  }

  private create(reporting: Reporting): Promise<Answer> {
    const { event } = reporting;
    if (event.status === 'aborted') return this.giveUp(reporting);
    if (event.status === 'started' && event.kind === 'deployment') return this.start(reporting);
    const isPlanned = !isOver(event.status);
    return isPlanned ? this.schedule(reporting) : this.end(reporting);
  }

  /** What ended without having been heard of before. */
  private async end(reporting: Reporting): Promise<Answer> {
    const { event, standing } = reporting;
    const { version, commitRefs } = event;
    const { type, becomes } = event.status === 'completed' ? moves.finish : moves.fail;
    const data = { ...said(event, undefined, becomes), ...reasonFor(type, event), version };
    if (!isMistakable(event, standing)) return this.held(reporting, { type, data: { ...data, commitRefs } });
    const { deployment } = await this.held(reporting, { type, data });
    const number = deployment!.number;
    return this.send(reporting, { type: 'ChangeDeployment', number, data: { commitRefs }, step: 'refs' });
  }

  /** Of builds several wait at once, so none has a branch before it ends. */
  private schedule(reporting: Reporting, step?: string): Promise<Answer> {
    const { event } = reporting;
    const refs = event.kind === 'build' ? {} : { commitRefs: event.commitRefs, supersede: true };
    const data = { ...said(event, undefined, 'scheduled'), version: event.version, ...refs };
    return this.held(reporting, { type: 'ScheduleDeployment', data, ...(step === undefined ? {} : { step }) });
  }

  private async start(reporting: Reporting): Promise<Answer> {
    const { event } = reporting;
    const { version, commitRefs } = event;
    const data = { ...said(event, undefined, 'deploying'), version, commitRefs, supersede: true };
    try {
      return await this.held(reporting, { type: 'StartDeployment', data });
    } catch (error) {
      if (codeOf(error) === 'no_scheduled_deployment') {
        await this.giveUp(reporting, 'NO_SCHEDULED_DEPLOYMENT');
        throw blocked(lacksSchedule());
      }
      if (codeOf(error) !== 'approval_required') throw error;
      // What is to be approved has to be there.
      const { deployment, target } = await this.schedule(reporting, 'blocked');
      const { created, approvals } = deployment!;
      throw blocked(lacksApproval({ id: created.position!, approvals, rules: target!.settings.approvals }));
    }
  }

  /** A deployment that did not begin: it shows as given up, and as current should a success be reported all the same. */
  private async giveUp(reporting: Reporting, preflight?: string): Promise<Answer> {
    const { event } = reporting;
    const ended = preflight === undefined ? event : ({ ...event, status: 'aborted' } as const);
    const data = { ...said(ended, undefined, 'canceled', preflight), version: event.version };
    const { deployment } = await this.held(reporting, { type: 'ScheduleDeployment', data, step: 'planned' });
    const { number } = deployment!;
    return this.cancel(reporting, number, preflight ?? event.reason, ...(preflight === undefined ? [] : ['refused']));
  }

  private cancel(
    reporting: Reporting,
    number: number,
    reason: string | undefined,
    ...steps: string[]
  ): Promise<Answer> {
    const data = { ...(reason === undefined ? {} : { reason }), ...sender(reporting.event) };
    const [step] = steps;
    return this.send(reporting, { type: 'CancelDeployment', number, data, ...(step === undefined ? {} : { step }) });
  }

  /** Only of the target as it was looked at; a command id that the client chose has one outcome, which this must not be. */
  private held(reporting: Reporting, asked: Asked): Promise<Answer> {
    const isChosen = this.commands.hasChosenId(reporting.request);
    return this.send(reporting, isChosen ? asked : { ...asked, expectedVersion: reporting.standing.version });
  }

  private async send({ request, event }: Pick<Reporting, 'request' | 'event'>, asked: Asked): Promise<Answer> {
    const { product: project, target } = event;
    const answer = await this.commands.send(request, { ...asked, project, target });
    this.events.note(streamOf(project, target), answer);
    return answer;
  }
}

const isRefusing = (plan: Plan, event: Event): boolean =>
  plan.does === 'refuse' || plan.does === 'refuseConcurrent' || ('known' in plan && isOfOther(event, plan.known));

const codeOf = (error: unknown): string | undefined => (error instanceof Problem ? error.code : undefined);

/** Whether it was decided by what somebody else changed meanwhile. */
const isOvertaken = (error: unknown): boolean =>
  isOutdated(error) || isRefusal(error, ['not_allowed_from', 'deployment_not_found']);

const reasonFor = (type: PublicCommandType, { reason }: Event): { reason?: string } =>
  type === 'FailDeployment' && reason !== undefined ? { reason } : {};
