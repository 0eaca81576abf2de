import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Actors, SendToTarget, type Answer } from '#commands';
import { answerText } from '#contracts';
import { Links } from '../links.js';
import { Names } from '../names.js';
import { Problem } from '../problem.js';
import { submissionsOf, type Sent } from './submissions.js';

export const GIVE_UP_AFTER_MS = 5_000;

/** Carries the command of a request to the waist, and its answer back. */
@Injectable()
export class CommandSender {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Actors) private readonly actors: Actors,
    @Inject(Names) private readonly names: Names,
    @Inject(Links) private readonly links: Links,
  ) {}

  async send(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { sent, identity } = request;
    const [submission] = await submissionsOf([sent!], identity!.actor, this.actors);
    const answer = await this.bus.execute(new SendToTarget(submission!, { giveUpAfterMs: GIVE_UP_AFTER_MS }));
    if (answer.outcome.outcome === 'rejected') throw refusalOf(answer);
    const { target, deployment, outcome } = answer;
    const people = await this.names.inDeployments([...(target?.open ?? []), target?.current ?? null, deployment]);
    const location = this.locationOf(request, sent!, answer);
    void reply.code(location ? 201 : 200);
    if (location) void reply.header('location', location);
    void reply.header('etag', `"${outcome.version}"`).header('shiplog-position', String(outcome.position));
    await reply.type('application/json; charset=utf-8').send(answerText(answer, people));
  }

  private locationOf(
    request: FastifyRequest,
    { command: { project, target } }: Sent,
    { outcome, deployment }: Answer,
  ): string | undefined {
    const { events } = outcome;
    if (events.some(({ type }) => type === 'TargetCreated')) return this.links.target(request, project, target);
    const created = deployment && events.some(({ version }) => version === deployment.created.version);
    return created ? this.links.deployment(request, project, target, deployment.number) : undefined;
  }
}

/** What the sender of a command that was rejected is told. */
export const refusalOf = ({ outcome: { code, detail, from } }: Answer): Problem =>
  new Problem(code!, detail, from === undefined ? {} : { from });
