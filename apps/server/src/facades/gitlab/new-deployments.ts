import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { isInFlight, isWaiting, openOfSameBranch, type Deployment, type PublicCommandType, type Target } from '#domain';
import { environmentTypeOf } from '../environment-type.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { versionOfRef } from '../version-of-ref.js';
import { invalid } from './dialect.js';
import { Params } from './params.js';
import { record, recordedIn } from './recorded.js';
import { refOf, shaOf } from './shapes.js';
import { reportedStates, stateOf, type ReportedState } from './states.js';

type Reported = Readonly<{ environment: string; sha: string; ref: string; tag: boolean; status: ReportedState }>;
type Made = Readonly<{ seen: Seen; target: Target | null }>;
type Reporting = Readonly<{ request: FastifyRequest; project: string; reported: Reported }>;

/** Makes of the deployment that a client creates the commands that say the same here. */
@Injectable()
export class NewDeployments {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  async create(request: FastifyRequest, project: string): Promise<Made> {
    const reporting = { request, project, reported: read(request) };
    const place = placeOf(reporting);
    if (await this.commands.isRepeat(request, place)) {
      // It is answered with the outcome that its id has, whatever it would be now.
      const wish = { ...place, type: 'FinishDeployment', data: dataOf(reporting) } as const;
      return this.shown(await this.commands.send(request, wish), place);
    }
    return this.commands.settling(request, place, () => this.decide(reporting));
  }

  private async decide(reporting: Reporting): Promise<Made> {
    const { request, reported } = reporting;
    const place = placeOf(reporting);
    // A command id that the client chose has one outcome for ever: nothing is tried by it that may not hold.
    const left = this.commands.hasChosenId(request) ? undefined : this.commands.leftTarget(place.project, place.target);
    const target = left ?? (await this.reads.findTarget(place.project, place.target));
    if (!target) {
      const made = { environmentType: environmentTypeOf(place.target), repositories: [place.project] };
      await this.commands.make(request, place, made);
      return this.decide(reporting);
    }
    const same = await this.same(target, reported);
    if (!same) return this.shown(await this.carryOut(reporting, target), place);
    if (reported.status === 'success') return this.shown(await this.repeat(reporting, target, same), place);
    const [seen] = await this.reads.seen([{ ...place, deployment: same }]);
    return { seen: seen!, target };
  }

  /** The deployment that this was reported of already: what is current, or the newest one where it stands as it is reported. */
  private async same(target: Target, reported: Reported): Promise<Deployment | undefined> {
    const { project, key, lastNumber } = target;
    if (reported.status === 'success') return isOf(target.current, reported) ? target.current : undefined;
    if (lastNumber === 0 || target.current?.number === lastNumber) return undefined;
    const newest =
      target.open.find(({ number }) => number === lastNumber) ?? (await this.reads.numbered(project, key, lastNumber));
    if (!isOf(newest, reported)) return undefined;
    const state = stateOf(newest);
    return state === reported.status || (state === 'blocked' && reported.status === 'running') ? newest : undefined;
  }

  /** The deployment stays the one that it is; the log keeps that it was reported again. */
  private repeat(reporting: Reporting, target: Target, { number, metadata }: Deployment): Promise<Answer> {
    const { repeats = 0, ...kept } = recordedIn(metadata);
    const data = { metadata: record(metadata, { ...kept, repeats: repeats + 1 }) };
    return this.send(reporting, target, { type: 'ChangeDeployment', number, data });
  }

  private async carryOut(reporting: Reporting, target: Target): Promise<Answer> {
    const planned = ofPlanned(reporting, target);
    if (planned) return this.send(reporting, target, planned);
    const { type, scheduled } = await this.planFor(reporting, target);
    const data = { ...dataOf(reporting), ...(isSuperseding(type) ? { supersede: true } : {}) };
    if (!scheduled) return this.send(reporting, target, { type, data });
    // By its number nothing else is meant than the new one.
    const first = { type: 'ScheduleDeployment', data: { ...data, supersede: true }, step: 'first' } as const;
    const { deployment } = await this.send(reporting, target, first);
    return this.send(reporting, target, { type, number: deployment!.number, data: {} });
  }

  /** What would be taken for it, and what needs approval waits: those are scheduled first. */
  private async planFor(reporting: Reporting, target: Target): Promise<Plan> {
    switch (reporting.reported.status) {
      case 'running': {
        const waits = target.settings.approvals.length > 0;
        return { type: waits ? 'ScheduleDeployment' : 'StartDeployment', scheduled: false };
      }
      case 'success':
        return { type: 'FinishDeployment', scheduled: await this.isTaken(reporting, target) };
      case 'failed':
        return { type: 'FailDeployment', scheduled: await this.isTaken(reporting, target) };
      case 'canceled':
        return { type: 'CancelDeployment', scheduled: true };
    }
  }

  /** Whether one of the same branch is in flight, or failed by time-out: the report would be of that. */
  private async isTaken({ project, reported: { ref } }: Reporting, target: Target): Promise<boolean> {
    const commitRefs = [{ repository: project, branch: ref }];
    const isInTheWay = openOfSameBranch(target, { commitRefs }, isInFlight) !== undefined;
    return isInTheWay || this.reads.hasTimedOut(project, target.key, versionOfRef(ref));
  }

  /** The same of a target as it was seen is the same command: a client that tries again makes no second deployment. */
  private send(
    reporting: Reporting,
    target: Target,
    asked: Pick<Wish, 'type' | 'number' | 'data' | 'step'>,
  ): Promise<Answer> {
    const { request, reported } = reporting;
    const said = [reported.ref, reported.sha, reported.tag, reported.status, target.version];
    const naturalId = `shiplog:${hash('sha256', JSON.stringify(['gitlab', ...said]), 'base64url')}`;
    const isSecond = asked.number !== undefined && asked.type !== 'ChangeDeployment';
    return this.commands.send(request, {
      ...placeOf(reporting),
      ...asked,
      naturalId,
      ...(isSecond || this.commands.hasChosenId(request) ? {} : { expectedVersion: target.version }),
    });
  }

  private async shown({ deployment, target }: Answer, place: Pick<Wish, 'project' | 'target'>): Promise<Made> {
    const [seen] = await this.reads.seen([{ ...place, deployment: deployment! }]);
    return { seen: seen!, target };
  }
}

function read(request: FastifyRequest): Reported {
  const params = new Params(request);
  const reported = {
    environment: params.required('environment'),
    sha: params.required('sha'),
    ref: params.required('ref'),
    tag: params.requiredFlag('tag'),
    status: params.requiredOneOf('status', reportedStates),
  };
  params.check();
  const blank = (['environment', 'sha', 'ref'] as const).filter((name) => reported[name].trim() === '');
  if (blank.length > 0)
    throw invalid(
      Object.fromEntries(blank.map((name) => [name === 'environment' ? 'name' : name, ["can't be blank"]])),
    );
  return reported;
}

const placeOf = ({ project, reported: { environment } }: Reporting) => ({ project, target: environment });

const dataOf = ({ project, reported: { ref, sha, tag } }: Reporting) => ({
  version: versionOfRef(ref),
  commitRefs: [{ repository: project, branch: ref, commit: sha }],
  metadata: record({}, { tag }),
});

/** What is said of a deployment that waits for this job: it begins or ends, and keeps what others know of it. */
function ofPlanned(
  { request, reported }: Reporting,
  { open, settings }: Target,
): Pick<Wish, 'type' | 'number' | 'data'> | undefined {
  // Where manual controls are off, a person may name none by its number.
  if (request.identity!.actor.kind === 'user' && !settings.manualControls) return undefined;
  const planned = open.find((each) => isWaiting(each.status) && isOf(each, reported));
  if (!planned) return undefined;
  const { number, status, metadata } = planned;
  const data = { metadata: record(metadata, { ...recordedIn(metadata), tag: reported.tag }) };
  switch (reported.status) {
    case 'running':
      return status === 'scheduled' ? { type: 'StartDeployment', number, data: { supersede: true } } : undefined;
    case 'success':
      return { type: 'FinishDeployment', number, data };
    case 'failed':
      return { type: 'FailDeployment', number, data };
    case 'canceled':
      return undefined;
  }
}

type Plan = Readonly<{ type: PublicCommandType; scheduled: boolean }>;

const isSuperseding = (type: PublicCommandType): boolean => type === 'StartDeployment' || type === 'ScheduleDeployment';

const isOf = (deployment: Deployment | null | undefined, { ref, sha, tag }: Reported): deployment is Deployment =>
  deployment != null &&
  refOf(deployment) === ref &&
  shaOf(deployment) === sha &&
  (recordedIn(deployment.metadata).tag ?? false) === tag;
