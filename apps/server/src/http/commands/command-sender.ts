import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Actors, SendToTarget, type Answer, type Submission } from '#commands';
import { presentAnswer } from '#contracts';
import type { Actor } from '#domain';
import { Links } from '../links.js';
import { Names } from '../names.js';
import { Problem } from '../problem.js';
import type { Sent } from './read-command.js';

const GIVE_UP_AFTER_MS = 5_000;

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
    const submission = await this.submissionOf(sent!, identity!.actor);
    const answer = await this.bus.execute(new SendToTarget(submission, { giveUpAfterMs: GIVE_UP_AFTER_MS }));
    if (answer.outcome.outcome === 'rejected') throw refusal(answer);
    const location = this.locationOf(request, sent!, answer);
    void reply.code(location ? 201 : 200);
    if (location) void reply.header('location', location);
    const { target, deployment, outcome } = answer;
    const people = await this.names.inDeployments([...(target?.open ?? []), target?.current ?? null, deployment]);
    void reply.header('etag', `"${outcome.version}"`).header('shiplog-position', String(outcome.position));
    await reply.send(presentAnswer(answer, people));
  }

  /** People stand in the log as opaque ids. */
  private async submissionOf(
    { occurredAt, expectedVersion, claimedBy, ...rest }: Sent,
    actor: Actor,
  ): Promise<Submission> {
    const people = [...(claimedBy ? [claimedBy] : []), ...(actor.kind === 'user' ? [actor] : [])];
    const opaque = people.length === 0 ? [] : await this.actors.refer(people);
    const context = {
      actor: actor.kind === 'user' ? { id: opaque.at(-1)!, kind: actor.kind } : actor,
      occurredAt,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
      ...(claimedBy ? { claimedBy: { id: opaque[0]! } } : {}),
    };
    return { ...rest, context };
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

const refusal = ({ outcome: { code, detail, from } }: Answer): Problem =>
  new Problem(code!, detail, from === undefined ? {} : { from });
