import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#commands';
import { parseHttpCommand, type Addressed } from '#contracts';
import {
  fromEpochMillis,
  inFlightOf,
  inFlightOrSameCommit,
  plainBranch,
  takeOver,
  type Brought,
  type Deployment,
  type Target,
} from '#domain';
import { clock } from '#runtime';
import { chosenId } from '../../http/commands/read-command.js';
import { Problem } from '../../http/problem.js';
import { FacadeCommands, type Wish } from '../facade-commands.js';
import { FacadeReads } from '../facade-reads.js';
import { broughtBy } from './body.js';
import { SpacePlaces } from './places.js';

/** How often a report is decided anew, where somebody else was quicker. */
const TRIES = 3;
/** The number of a deployment, where it does not matter which. */
const ANY = 1;

/** A deployment, and its target as it stands with that. */
export type Reported = Readonly<{ deployment: Deployment; target: Target }>;
type ReportType = 'ScheduleDeployment' | 'StartDeployment' | 'FinishDeployment';
type Place = Readonly<{ project: string; target: string }>;

/** Carries what pipelines report, which they may report twice, and without saying of which version or branch it is. */
@Injectable()
export class SpaceReports {
  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(SpacePlaces) private readonly places: SpacePlaces,
  ) {}

  async report(
    request: FastifyRequest,
    type: ReportType,
    project: string,
    members: Readonly<Record<string, unknown>>,
  ): Promise<Reported> {
    const target = await this.places.keyOf(project, members['targetIdentifier']);
    const data = broughtIn(members, { type, project, target });
    const meant = type === 'ScheduleDeployment' ? undefined : members['deploymentIdentifier'] || undefined;
    if (meant !== undefined) {
      const number = await this.numberOf(request, { project, target }, meant);
      return reported(await this.commands.send(request, { type, project, target, number, data }));
    }
    // What is sent again under an id of the client's own is one command, whatever happened since.
    if (await this.commands.isRepeat(request, { project, target }))
      return this.send(request, { type, project, target, data });
    if (type === 'FinishDeployment') return this.finish(request, { project, target }, data);
    const there = this.commands.leftTarget(project, target) ?? (await this.reads.target(project, target));
    return this.send(request, { type, project, target, data: spelledAsThere(data, there) });
  }

  /** The number of the deployment that is meant. Throws where there is none. */
  async numberOf(request: FastifyRequest, place: Place, value: unknown): Promise<number> {
    // What is sent again is answered with the outcome that its id has: what it meant need not be there any more.
    if (await this.commands.isRepeat(request, place)) return ANY;
    const { number } = await this.places.deployment(place.project, place.target, value);
    return number;
  }

  /** What is in flight fails, whatever else clients say. */
  async fail(request: FastifyRequest, project: string, members: Readonly<Record<string, unknown>>): Promise<Reported> {
    const target = await this.places.keyOf(project, members['targetIdentifier']);
    return reported(await this.commands.send(request, { type: 'FailDeployment', project, target, data: {} }));
  }

  /** Decided on the target as it stands, for the same finish may have been sent before. */
  private async finish(request: FastifyRequest, place: Place, data: Brought): Promise<Reported> {
    const left = this.commands.leftTarget(place.project, place.target);
    // An id of the client's own has one outcome, which what is out of date must not be.
    const isChosen = chosenId(request) !== undefined;
    // What others did since, only the view can say.
    let known = left && !isChosen && !isSaidAlready(spelledAsThere(data, left), left) ? left : undefined;
    for (let tried = 1; ; tried += 1) {
      const target = known ?? (await this.reads.target(place.project, place.target));
      known = undefined;
      const brought = spelledAsThere(data, target);
      if (!isChosen && isSaidAlready(brought, target)) return { deployment: target.current!, target };
      const isLast = isChosen || tried === TRIES;
      const naturalId = naturalIdOf(request, target, isLast);
      const expected = isLast ? {} : { expectedVersion: target.version };
      const meant = inFlightMeant(brought, target);
      const wish: Wish = { type: 'FinishDeployment', ...place, data: brought, naturalId, ...meant, ...expected };
      const sent = await this.send(request, wish).catch(unlessLast(isLast));
      if (sent) return sent;
    }
  }

  /** A new deployment needs a version, and Space's clients may leave it out: then it is called by what is deployed. */
  private async send(request: FastifyRequest, wish: Wish): Promise<Reported> {
    try {
      return reported(await this.commands.send(request, wish));
    } catch (error) {
      const version = nameOf(wish.data as Brought);
      if (!(error instanceof Problem) || error.code !== 'version_required' || version === undefined) throw error;
      const named = { ...wish, data: { ...wish.data, version }, step: 'named' };
      return reported(await this.commands.send(request, named));
    }
  }
}

/** Held to its rules before anything is decided by it. */
function broughtIn(members: Readonly<Record<string, unknown>>, addressed: Addressed): Brought {
  const { command } = parseHttpCommand(addressed, broughtBy(members), { now: fromEpochMillis(clock.now()) });
  return command.data as Brought;
}

/** Undefined where somebody else was quicker, as long as there is another try. */
const unlessLast =
  (isLast: boolean) =>
  (error: unknown): undefined => {
    if (isLast || !(error instanceof Problem) || error.code !== 'version_conflict') throw error;
  };

const reported = ({ deployment, target }: Answer): Reported => ({ deployment: deployment!, target: target! });

const SHORT = 12;
const TAG = /^refs\/tags\//;

/** The commit, shortened, or the branch. */
function nameOf({ commitRefs: [first] = [] }: Brought): string | undefined {
  return first?.commit?.slice(0, SHORT) ?? (first && plainBranch(first.branch).replace(TAG, ''));
}

/** Branches that stand there with or without `refs/tags/` are the same to Space: the spelling of the open deployment is taken. */
function spelledAsThere(data: Brought, { open }: Target): Brought {
  if (!data.commitRefs) return data;
  const there = open.flatMap(({ commitRefs }) => commitRefs);
  const commitRefs = data.commitRefs.map((ref) => {
    const same = there.find(
      ({ repository, branch }) =>
        repository === ref.repository && branch.replace(TAG, '') === ref.branch.replace(TAG, ''),
    );
    return same && same.branch !== ref.branch ? { ...ref, branch: same.branch } : ref;
  });
  return commitRefs.every((ref, n) => ref === data.commitRefs![n]) ? data : { ...data, commitRefs };
}

/** Without branches it is the one in flight that is finished, whichever version that was to be. */
function inFlightMeant(data: Brought, target: Target): { number?: number } {
  if (data.commitRefs || inFlightOrSameCommit(target, data)) return {};
  const inFlight = inFlightOf(target);
  return inFlight ? { number: inFlight.number } : {};
}

/** Whether what is current is just what a finish says, and nothing else came since: then it is the same finish, sent again. */
function isSaidAlready(data: Brought, target: Target): boolean {
  const { current, open, lastNumber } = target;
  // A branch alone says nothing of what is deployed from it; a request that says nothing could begin nothing either.
  const isNamed = data.version !== undefined || data.commitRefs?.every(({ commit }) => commit !== undefined) !== false;
  if (!current || !isNamed || inFlightOrSameCommit(target, data) || inFlightMeant(data, target).number) return false;
  const since = open.filter(({ number }) => number > current.number).length;
  return lastNumber - current.number === since && takeOver(current, data).previous === undefined;
}

/** What is sent twice before the first is seen is one command: it meets the target at the same version. */
function naturalIdOf({ routeOptions, params, body }: FastifyRequest, { version }: Target, isLast: boolean): string {
  const said = JSON.stringify([routeOptions.url, params, body, version, isLast]);
  return `space-${hash('sha256', said, 'base64url')}`;
}
