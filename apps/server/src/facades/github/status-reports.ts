import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { presentDeployment } from '#contracts';
import { fromEpochMillis, type Actor, type Deployment } from '#domain';
import { clock } from '#runtime';
import { Problem } from '../../http/problem.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { FacadeReads, type Seen } from '../facade-reads.js';
import { withoutUndefined } from '../kept.js';
import { Body } from './body.js';
import { GitHubDeployments } from './deployments.js';
import { validationFailed } from './dialect.js';
import { readStatus, type Reported } from './read-status.js';
import { record, recordedIn, type Recorded } from './recorded.js';
import { moveFor, type Move } from './states.js';
import type { StatusSeen } from './statuses.js';

/** How often a report is decided anew, where somebody else was quicker. */
const TRIES = 3;

type Reporting = Readonly<{ request: FastifyRequest; reported: Reported }>;
type Made = Readonly<{ seen: Seen; status: StatusSeen }>;

/** Makes of the status that a client reports the command that says the same here. */
@Injectable()
export class StatusReports {
  constructor(
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
  ) {}

  async report(request: FastifyRequest, project: string, id: string): Promise<Made> {
    const reporting = { request, reported: readStatus(new Body(request.body)) };
    const left = this.commands.left(request, project, id);
    if (left) {
      const [seen] = await this.reads.seen([left]);
      const made = await this.decide(reporting, seen!, left.version).catch(
        unless(['version_conflict', 'not_allowed_from']),
      );
      if (made) return made;
    }
    for (let tried = 1; ; tried += 1) {
      const seen = await this.deployments.one(project, id);
      const made = await this.decide(reporting, seen).catch(unless(tried < TRIES ? ['not_allowed_from'] : [], seen));
      if (made) return made;
    }
  }

  /** Undefined where what is known of a version does not suffice. */
  private async decide(
    { request, reported }: Reporting,
    seen: Seen,
    expectedVersion?: number,
  ): Promise<Made | undefined> {
    const { shown, deployment } = seen;
    const isRepeat = await this.commands.isRepeat(request, shown);
    // Whether that still holds, only the view can say.
    if (!isRepeat && isSaid(reported, deployment)) return expectedVersion === undefined ? this.last(seen) : undefined;
    const move = moveFor(reported.state, shown.status) ?? (isRepeat ? CHANGE : undefined);
    if (!move) throw replaced(shown.status);
    const wish = wishOf(seen, reported, move);
    const expected = expectedVersion === undefined ? {} : { expectedVersion };
    const answer = await this.commands.send(request, { ...wish, ...expected });
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

/** Undefined for a refusal by these codes, as somebody else was quicker; where it still stands as it was `seen`, nobody was. */
const unless =
  (codes: readonly string[], seen?: Seen) =>
  (error: unknown): undefined => {
    const isOther =
      error instanceof Problem && codes.includes(error.code) && (!seen || error.more.from !== seen.shown.status);
    if (!isOther) throw error;
  };

const replaced = (status: string): Error =>
  validationFailed(
    'DeploymentStatus',
    'state',
    `Another deployment took the place of this one, which is ${status}: make a new one.`,
  );

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
      at: fromEpochMillis(clock.now()),
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
