import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Actors, SendToTarget, type Outcome, type Submission } from '#commands';
import { badInput, presentOutcome, type ListItem } from '#contracts';
import type { Logger } from '#runtime';
import { LOG } from '../../parts.js';
import { allows, type Identity, type Scope } from '../auth/identity.js';
import { Problem, toProblem } from '../problem.js';
import { readQuery } from '../query.js';
import { GIVE_UP_AFTER_MS } from './command-sender.js';
import { readBatch, type Read } from './read-batch.js';
import { submissionsOf } from './submissions.js';

/** What became of one that was submitted. */
type Fate = Readonly<{ outcome: Outcome } | { refused: Problem }>;

/** Carries many commands of one request to the waist together, and tells of each what became of it. */
@Injectable()
export class BatchSender {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(Actors) private readonly actors: Actors,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async send(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    requireWriter(request.identity!);
    readQuery(request, []);
    refuseHeadersOfOne(request);
    const items = request.body as Iterable<ListItem> | null | undefined;
    if (!items) throw badInput('body', 'must be a JSON array of commands');
    const read = await readBatch(items, request);
    const sent = read.flatMap((each) => ('sent' in each ? each.sent : []));
    const submissions = await submissionsOf(sent, request.identity!.actor, this.actors);
    // All in one go, so that those of one target are decided in the order of the list.
    const fates = await Promise.all(submissions.map((submission) => this.submit(submission)));
    const away = unavailable(fates);
    if (away) throw away;
    const reached = Math.max(0, ...fates.map((fate) => ('outcome' in fate ? fate.outcome.position : 0)));
    void reply.header('shiplog-position', String(reached));
    await reply.send(this.present(read, fates));
  }

  private present(read: readonly Read[], fates: readonly Fate[]): object[] {
    let next = 0;
    return read.map((each) => {
      const fate = 'sent' in each ? fates[next++]! : { refused: toProblem(each.refused) };
      if ('outcome' in fate) return presentOutcome(fate.outcome);
      const { refused } = fate;
      if (refused.code === 'internal_error')
        this.log.error({ err: refused.more.cause, commandId: each.commandId }, refused.message);
      return refused.oneOfMany(each.commandId);
    });
  }

  private async submit(submission: Submission): Promise<Fate> {
    try {
      const options = { giveUpAfterMs: GIVE_UP_AFTER_MS, outcomeOnly: true };
      const { outcome } = await this.bus.execute(new SendToTarget(submission, options));
      return { outcome };
    } catch (error) {
      return { refused: toProblem(error) };
    }
  }
}

/** Where none of them got through, nothing can be said of any: the whole request may be sent again. */
const unavailable = (fates: readonly Fate[]): Problem | undefined => {
  const refusals = fates.flatMap((fate) => ('refused' in fate && fate.refused.status === 503 ? fate.refused : []));
  return refusals.length === fates.length ? refusals[0] : undefined;
};

/** They would be taken to hold for all, and hold for none. */
const refuseHeadersOfOne = ({ headers }: FastifyRequest): void => {
  const ofOne = { 'Idempotency-Key': 'commandId', 'If-Match': 'expectedVersion' };
  for (const [name, member] of Object.entries(ofOne))
    if (headers[name.toLowerCase()] !== undefined)
      throw badInput(name, `is not taken here: each command of the list carries its own as ${member}`);
};

/** Which scope each command asks for is another matter; who may send none at all learns it once. */
const requireWriter = (identity: Identity): void => {
  const scopes: readonly Scope[] = ['deployments:write', 'targets:write'];
  if (!scopes.some((scope) => allows(identity, scope)))
    throw new Problem('forbidden', `This needs one of the scopes ${scopes.join(' and ')}.`);
};
