import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { CommandIdReused, type Answer, type Outcome } from '#commands';
import { streamOf, type DeploymentEventData, type Metadata, type Status } from '#domain';
import { endOfStream, type Pool } from '#event-store';
import { StreamReader } from '../http/views/stream-reader.js';
import { POOL } from '../parts.js';
import { FacadeCommands, type Wish } from './facade-commands.js';
import { isOutdated } from './settling.js';

/** A deployment as far as reports of it are decided by it, and which version its target had then. */
export type Standing = Readonly<{ number: number; status: Status; metadata: Metadata; version: number }>;

/** What a sender calls a deployment, and where it is: `name` begins with the dialect's, and is no one else's on this target. */
export type Identified = Readonly<{ project: string; target: string; name: string }>;

/** A deployment that was made for an identity: by which attempt, and its id. */
export type Made = Readonly<{ attempt: number; number: number; id: number }>;
/** Where there is none: the attempt that comes next. */
export type NotMade = Readonly<{ attempt: number; number?: undefined }>;

/** The next attempt to make a deployment for an identity, and what makes it. */
export type Attempt = Readonly<{ identity: Identified; attempt: number }>;
type Making = Pick<Wish, 'type' | 'data'>;

const KNOWN = 10_000;
export const FIRST = 1;

/** A deployment by its number and its id. */
export type Addressed = Readonly<{ project: string; target: string; number: number; id: number }>;

/** Finds what was made for an identity. It is found again by the id of the command that made it: that is in the log, once for ever. */
@Injectable()
export class Standings {
  /** What a command made stays what it made. */
  private readonly made = new LRUCache<string, Made>({ max: KNOWN });

  constructor(
    @Inject(FacadeCommands) private readonly commands: FacadeCommands,
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(POOL) private readonly pool: Pool,
  ) {}

  /** What was made by the first attempt, from this one on, that was not refused. */
  async find(identity: Identified, from = FIRST): Promise<Made | NotMade> {
    for (let attempt = from; ; attempt += 1) {
      const commandId = idOfAttempt(identity, attempt);
      const known = this.made.get(nameOf(identity, commandId));
      if (known) return known;
      const outcome = await this.commands.outcomeOf(identity, commandId);
      if (!outcome) return { attempt };
      if (outcome.outcome !== 'accepted') continue;
      return this.note(identity, attempt, outcome);
    }
  }

  /** Makes a deployment for it by this attempt. Throws `CommandIdReused` where that was made already. */
  async make(request: FastifyRequest, { identity, attempt }: Attempt, wish: Making): Promise<Answer> {
    const { project, target } = identity;
    const answer = await this.commands.send(request, {
      ...wish,
      project,
      target,
      commandId: idOfAttempt(identity, attempt),
    });
    this.note(identity, attempt, answer.outcome);
    if (!answer.appended) throw new CommandIdReused('The attempt was made already.');
    return answer;
  }

  /** Whether it is known here that one was made for it. */
  isKnown(identity: Identified): boolean {
    return this.made.has(nameOf(identity, idOfAttempt(identity, FIRST)));
  }

  /** The event that makes a deployment is the last one of its command. */
  private note(identity: Identified, attempt: number, { number, position }: Outcome): Made {
    const made = { attempt, number: number!, id: position };
    this.made.set(nameOf(identity, idOfAttempt(identity, attempt)), made);
    return made;
  }

  /** What was made for it and is there still; else the attempt that comes next. */
  async standing(request: FastifyRequest, identity: Identified): Promise<Standing | NotMade> {
    let found = await this.find(identity);
    while (found.number !== undefined) {
      const { number, id } = found;
      const standing = await this.of(request, { ...identity, number, id });
      if (standing) return standing;
      found = await this.find(identity, found.attempt + 1);
    }
    return found;
  }

  /** How a deployment stands by the log; undefined where it was deleted. */
  async of(request: FastifyRequest, { project, target, number, id }: Addressed): Promise<Standing | undefined> {
    const left = this.commands.left(request, project, String(id));
    if (left) return { number, ...standingIn(left.deployment), version: left.version };
    const stream = streamOf(project, target);
    const version = await endOfStream(this.pool, stream);
    const event = await this.streams.last(stream, { members: { number: [number] } }, version);
    if (!event || event.type === 'DeploymentDeleted') return undefined;
    return { number, ...standingIn(JSON.parse(event.data) as DeploymentEventData), version };
  }
}

const standingIn = ({ status, metadata }: Pick<Standing, 'status' | 'metadata'>) => ({ status, metadata });

const nameOf = ({ project, target }: Identified, commandId: string): string =>
  `${streamOf(project, target)} ${commandId}`;

/**
 * No client can choose such an id. A deployment that was deleted may be reported again, and one that was refused tried again: by another command, and each by the same.
 */
const idOfAttempt = ({ name }: Identified, attempt: number): string =>
  `shiplog:${name}${attempt === FIRST ? '' : `:${attempt}`}`;

/** Whether somebody else was quicker: to change the target, or to take the same attempt. */
export const isOvertaken = (error: unknown): boolean => error instanceof CommandIdReused || isOutdated(error);
