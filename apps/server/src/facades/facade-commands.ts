import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Actors, CommandQueue, type Answer, type Outcome } from '#commands';
import { badInput, fingerprintOf, isTraceparent, parseHttpCommand, type HttpCommand } from '#contracts';
import {
  fromEpochMillis,
  isKey,
  streamOf,
  type PublicCommandType,
  type Target,
  type TargetChange,
  type Time,
} from '#domain';
import type { NewEvent } from '#event-store';
import { clock, newId } from '#runtime';
import { GIVE_UP_AFTER_MS, refusalOf } from '../http/commands/command-sender.js';
import { chosenId } from '../http/commands/read-command.js';
import { submissionsOf, type Sent } from '../http/commands/submissions.js';
import { readNumber } from '../http/number.js';
import { Problem } from '../http/problem.js';
import { queryOf } from './credentials.js';
import { dialectOf } from './dialects.js';
import { FacadeReads } from './facade-reads.js';
import { RecentWrites, type Left } from './recent-writes.js';
import { isOutdated, settling } from './settling.js';

/** A command as a dialect asks for it. */
export type Wish = Readonly<{
  type: PublicCommandType;
  project: string;
  target: string;
  number?: number;
  /** What the body of the native route would be. */
  data?: Readonly<Record<string, unknown>>;
  /** Tells apart the commands that one request makes; the one that decides its outcome has none. */
  step?: string;
  /** The command id where the client chooses none, for dialects in which a repeat is known by what it says. */
  naturalId?: string;
  /** The command id, whatever the client chooses: for dialects that find again what they made by it. */
  commandId?: string;
  /** What makes it this command and no other, where that is not the whole body. */
  says?: unknown;
  /** How many commands the request asks for in all: each is that part of its body. */
  of?: number;
  /** The version that the target must have. */
  expectedVersion?: number;
}>;

/** The answer, and the events that were appended just now; none where the outcome stood already. */
export type Carried = Answer & Readonly<{ appended?: readonly NewEvent[] }>;

type Place = Pick<Wish, 'project' | 'target'>;
/** Where a target is made; `of` as in a wish. */
type NewPlace = Pick<Wish, 'project' | 'target' | 'of'>;

/** Carries what a dialect asks for to the waist. Whatever is not accepted is thrown, as a problem. */
@Injectable()
export class FacadeCommands {
  constructor(
    @Inject(CommandQueue) private readonly queue: CommandQueue,
    @Inject(Actors) private readonly actors: Actors,
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(RecentWrites) private readonly recent: RecentWrites,
  ) {}

  async send(request: FastifyRequest, wish: Wish): Promise<Carried> {
    return accepted(await this.submit(request, wish));
  }

  /** As `send`, on a target that is made, as `made` says, where it is not there. */
  async sendMaking(request: FastifyRequest, wish: Wish, made: TargetChange): Promise<Answer> {
    await this.makeMissing(request, wish, made);
    const answer = await this.submit(request, wish);
    if (answer.outcome.code !== 'target_not_found') return accepted(answer);
    // Nobody here knew yet that it is gone. An id has its outcome for ever: this is another command, by the same key.
    await this.make(request, wish, made);
    return this.send(request, { ...wish, step: `${wish.step ?? ''}again` });
  }

  /** Makes the target where nobody here knows of it. */
  async makeMissing(request: FastifyRequest, place: Place, made: TargetChange): Promise<void> {
    const { project, target } = placeIn(place);
    const isThere = this.recent.hasTarget(project, target) || (await this.reads.hasTarget(project, target));
    if (!isThere) await this.make(request, place, made);
  }

  /** What a command id was answered; undefined while it has no outcome. */
  outcomeOf({ project, target }: Place, commandId: string): Promise<Outcome | undefined> {
    return this.queue.outcomeOf(streamOf(project, target), commandId);
  }

  /** Whether the command id that the client chose has its outcome: what is sent by it now is answered with that. */
  async isRepeat(request: FastifyRequest, place: Place): Promise<boolean> {
    const id = chosenId(request);
    return id !== undefined && (await this.outcomeOf(place, id)) !== undefined;
  }

  /** The deployment as this process left it, unless the client chose a command id: that is to have one outcome, and the right one. */
  left(request: FastifyRequest, project: string, id: string): Left | undefined {
    const number = readNumber(id);
    return number === undefined || this.hasChosenId(request) ? undefined : this.recent.left(project, number);
  }

  /** Whether the client chose a command id, whose outcome then is for ever. */
  hasChosenId(request: FastifyRequest): boolean {
    return chosenId(request) !== undefined;
  }

  /**
   * As `settling`, for what is sent by the id of the client, where it chose one: the outcome of that is for ever, so whoever
   * decided anew would be refused anew, until there is no patience left.
   */
  settling<T>(
    request: FastifyRequest,
    place: Place,
    decide: () => Promise<T>,
    isOvertaken: (error: unknown) => boolean = isOutdated,
  ): Promise<T> {
    return settling(place, decide, (error) => !this.hasChosenId(request) && isOvertaken(error));
  }

  /** The target as this process left it; an `expectedVersion` tells whether it still is. */
  leftTarget(project: string, target: string): Target | undefined {
    return this.recent.target(project, target);
  }

  /** Makes the target unless it is there. */
  async make(request: FastifyRequest, { project, target, of = 1 }: NewPlace, made: TargetChange): Promise<void> {
    // Its id is new: the body, of which others may be made as well, need not tell it from another.
    const wish: Wish = { type: 'CreateTarget', project, target, of, data: { ...made }, says: made };
    const answer = await this.submit(request, wish, newId());
    if (answer.outcome.code !== 'target_exists') accepted(answer);
  }

  private async submit(request: FastifyRequest, wish: Wish, commandId = commandIdOf(request, wish)): Promise<Carried> {
    const { project, target } = placeIn(wish);
    const now = fromEpochMillis(clock.now());
    const { command, claimedBy, occurredAt = now } = read(wish, now);
    const { traceparent } = request.headers;
    const sent: Sent = {
      stream: streamOf(project, target),
      commandId,
      fingerprint: fingerprintOf([
        request.method,
        request.routeOptions.url,
        request.params,
        wish.step,
        wish.says ?? saidBy(request),
      ]),
      command,
      bytes: Math.ceil(request.bodyBytes / (wish.of ?? 1)),
      occurredAt,
      ...(claimedBy ? { claimedBy } : {}),
      ...(wish.expectedVersion === undefined ? {} : { expectedVersion: wish.expectedVersion }),
      ...(isTraceparent(traceparent) ? { traceparent } : {}),
    };
    const [submission] = await submissionsOf([sent], request.identity!.actor, this.actors);
    let appended: readonly NewEvent[] | undefined;
    const answer = await this.queue.submit(submission!, {
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      appended: (events) => (appended = events),
    });
    this.recent.note(project, target, answer);
    return appended ? { ...answer, appended } : answer;
  }
}

const accepted = (answer: Carried): Carried => {
  if (answer.outcome.outcome === 'rejected') throw refusalOf(answer);
  return answer;
};

/** The body, and the query where that may say it too: who it is sent by is no part of it. */
function saidBy(request: FastifyRequest): unknown {
  const { takesCommandsByQuery, tokenParameters = [] } = dialectOf(request) ?? {};
  if (!takesCommandsByQuery) return request.body;
  const query = [...queryOf(request)].filter(([name]) => !tokenParameters.includes(name));
  return query.length === 0 ? request.body : [request.body, query];
}

/** Held to the same rules as the body of the native route. */
function read({ type, project, target, number, data }: Wish, now: Time): HttpCommand {
  const body = type === 'CreateTarget' ? { key: target, ...data } : data;
  return parseHttpCommand({ type, project, target, ...(number === undefined ? {} : { number }) }, body, { now });
}

/** What can be no key is told as the native routes tell it, of a project as of one that is not there. */
function placeIn({ project, target }: Place): Place {
  if (!isKey(project)) throw new Problem('project_not_found');
  if (!isKey(target))
    throw badInput(
      'target',
      'must be 1 to 200 characters in Unicode form NFC, without control characters, and not . or ..',
    );
  return { project, target };
}

/** The id that the client chose, else the natural one, else a new one; of further commands of a request one made from it. */
function commandIdOf(request: FastifyRequest, { step, naturalId, commandId }: Wish): string {
  if (commandId !== undefined) return commandId;
  const id = chosenId(request) ?? naturalId ?? newId();
  // Ids of this form are the service's own, so that no client can mean one of them.
  return step === undefined ? id : `shiplog:${hash('sha256', `${id}\n${step}`, 'base64url')}`;
}
