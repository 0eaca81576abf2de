import type { Actors, Submission } from '#commands';
import type { Actor, ClaimedBy, CommandContext, Time } from '#domain';

/** What a request asks for: a submission but for who sends it, with people as they were named. */
export type Sent = Omit<Submission, 'context'> &
  Readonly<{ occurredAt: Time; expectedVersion?: number; claimedBy?: ClaimedBy }>;

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/** What this actor sent, as it is submitted: people stand in the log as opaque ids, which one look-up finds for all. */
export async function submissionsOf(all: readonly Sent[], actor: Actor, actors: Actors): Promise<Submission[]> {
  const people = all.flatMap(({ claimedBy }) => (claimedBy ? { ...claimedBy, acts: false } : []));
  if (actor.kind === 'user') people.push({ ...actor, acts: true });
  const opaqueIds = people.length === 0 ? [] : await actors.refer(people);
  const sender: Actor = actor.kind === 'user' ? { id: opaqueIds.at(-1)!, kind: 'user' } : actor;
  let next = 0;
  // Each member by name: what is spread gets a slow shape, and goes with the command all the way to the log.
  return all.map((sent) => {
    const { stream, commandId, fingerprint, command, bytes, traceparent } = sent;
    const { occurredAt, expectedVersion, claimedBy } = sent;
    const context: Writable<CommandContext> = { actor: sender, occurredAt };
    if (expectedVersion !== undefined) context.expectedVersion = expectedVersion;
    if (claimedBy !== undefined) context.claimedBy = { id: opaqueIds[next++]! };
    const submission: Writable<Submission> = { stream, commandId, fingerprint, command, context };
    if (bytes !== undefined) submission.bytes = bytes;
    if (traceparent !== undefined) submission.traceparent = traceparent;
    return submission;
  });
}
