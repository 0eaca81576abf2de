import type { Actors, Submission } from '#commands';
import type { Actor, ClaimedBy, Time } from '#domain';

/** What a request asks for: a submission but for who sends it, with people as they were named. */
export type Sent = Omit<Submission, 'context'> &
  Readonly<{ occurredAt: Time; expectedVersion?: number; claimedBy?: ClaimedBy }>;

/** What this actor sent, as it is submitted: people stand in the log as opaque ids, which one look-up finds for all. */
export async function submissionsOf(all: readonly Sent[], actor: Actor, actors: Actors): Promise<Submission[]> {
  const claimed = all.flatMap(({ claimedBy }) => claimedBy ?? []);
  const people = [...claimed, ...(actor.kind === 'user' ? [actor] : [])];
  const opaqueIds = people.length === 0 ? [] : await actors.refer(people);
  const sender: Actor = actor.kind === 'user' ? { id: opaqueIds.at(-1)!, kind: 'user' } : actor;
  let next = 0;
  return all.map(({ occurredAt, expectedVersion, claimedBy, ...rest }) => ({
    ...rest,
    context: {
      actor: sender,
      occurredAt,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
      ...(claimedBy === undefined ? {} : { claimedBy: { id: opaqueIds[next++]! } }),
    },
  }));
}
