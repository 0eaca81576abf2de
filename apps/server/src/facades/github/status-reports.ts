import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { presentDeployment } from '#contracts';
import { fromEpochMillis, type Actor, type Deployment } from '#domain';
import { Problem } from '../../http/problem.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import type { Seen } from '../facade-reads.js';
import { Body } from './body.js';
import { GitHubDeployments } from './deployments.js';
import { validationFailed } from './dialect.js';
import { readStatus, type Reported } from './read-status.js';
import { record, recordedIn, withoutUndefined, type Recorded } from './recorded.js';
import { moveFor, type Move } from './states.js';
import type { StatusSeen } from './statuses.js';

/** How often a report is decided anew, where somebody else was quicker. */
const TRIES = 3;

type Reporting = Readonly<{ request: FastifyRequest; project: string; id: string; reported: Reported }>;
type Made = Readonly<{ seen: Seen; status: StatusSeen }>;

/** Makes of the status that a client reports the command that says the same here. */
@Injectable()
export class StatusReports {
  constructor(
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
  ) {}

  async report(request: FastifyRequest, project: string, id: string): Promise<Made> {
    const reporting = { request, project, id, reported: readStatus(new Body(request.body)) };
    for (let tried = 1; ; tried += 1) {
      const seen = await this.deployments.one(project, id);
      try {
        return await this.decide(reporting, seen);
      } catch (error) {
        const moved =
          error instanceof Problem && error.code === 'not_allowed_from' && error.more.from !== seen.shown.status;
        if (!moved || tried === TRIES) throw error;
      }
    }
  }

  private async decide({ request, reported }: Reporting, seen: Seen): Promise<Made> {
    const { shown, deployment } = seen;
    const isRepeat = await this.commands.isRepeat(request, shown);
    if (!isRepeat && isSaid(reported, deployment)) return this.last(seen);
    const move = moveFor(reported.state, shown.status) ?? (isRepeat ? CHANGE : undefined);
    if (!move)
      throw validationFailed(
        'DeploymentStatus',
        'state',
        `Another deployment took the place of this one, which is ${shown.status}: make a new one.`,
      );
    const wish = wishOf(seen, reported, move);
    const answer = await this.commands.send(request, wish);
    if (move.after) await this.commands.send(request, { ...placeIn(wish), type: move.after, step: 'after' });
    return this.made(answer, seen, request.identity!.actor);
  }

  /** The event that made it is its id. Where none did, by an outcome that stands, it is the one that was reported last. */
  private made({ deployment, outcome }: Answer, before: Seen, actor: Actor): Made | Promise<Made> {
    const seen = {
      shown: presentDeployment(before.shown.project, before.shown.target, deployment!),
      deployment: deployment!,
    };
    const { status: report, environment = seen.shown.target } = recordedIn(deployment!.metadata);
    const event = outcome.events.at(-1);
    if (!report || !event) return this.last(before);
    return { seen, status: { id: event.position, state: report.state, at: report.at, environment, report, actor } };
  }

  private async last(seen: Seen): Promise<Made> {
    const [{ statuses } = { statuses: [] }] = await this.deployments.statuses([seen]);
    const status = statuses.findLast(({ report }) => report !== undefined);
    if (!status) throw new Problem('deployment_not_found');
    return { seen, status };
  }
}

const CHANGE: Move = { type: 'ChangeDeployment', while: 'scheduled' };

const placeIn = ({ project, target, number }: Wish): Omit<Wish, 'type'> => ({ project, target, number: number! });

function wishOf({ shown, deployment }: Seen, reported: Reported, move: Move): Wish {
  const { project, target, number } = shown;
  const metadata = record(deployment.metadata, recordingOf(reported, recordedIn(deployment.metadata), move));
  const data = {
    metadata,
    ...(reported.log_url ? { externalLink: { url: reported.log_url } } : {}),
    ...(move.type === 'StartDeployment' ? { supersede: true } : {}),
    ...(move.type === 'FailDeployment' ? { reason: reported.description || reported.state } : {}),
  };
  return { type: move.type, project, target, number, data };
}

function recordingOf(reported: Reported, before: Recorded, { while: held }: Move): Recorded {
  const { state, description, log_url, environment_url, environment, auto_inactive } = reported;
  return {
    ...before,
    ...(environment === undefined ? {} : { environment }),
    ...(state === 'success' ? { auto_inactive } : {}),
    status: {
      state,
      while: held,
      at: fromEpochMillis(Date.now()),
      ...withoutUndefined({
        description: description || undefined,
        log_url: log_url || undefined,
        environment_url: environment_url || undefined,
      }),
    },
  };
}

/** Whether this was reported last, and holds: a client that tries again makes no second status. */
function isSaid(reported: Reported, { status, metadata }: Deployment): boolean {
  const { status: last, environment, auto_inactive = true } = recordedIn(metadata);
  if (!last || !holds(last.while, status)) return false;
  const { description = '', log_url = '', environment_url = '' } = last;
  const said: Reported = { state: last.state, description, log_url, environment_url, environment, auto_inactive };
  const asked = { ...reported, environment: reported.environment ?? environment };
  // Of other states it says nothing.
  if (reported.state !== 'success') asked.auto_inactive = auto_inactive;
  return isDeepStrictEqual(asked, said);
}

/** What was current and was replaced since had been reported all the same. */
const holds = (held: Deployment['status'], status: Deployment['status']): boolean =>
  held === status || (held === 'current' && (status === 'completed' || status === 'rolled_back'));
