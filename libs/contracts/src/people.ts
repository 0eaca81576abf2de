import type { Actor, Deployment } from '#domain';
import type { LoggedEvent } from './cloud-events.js';

/** Names of people by the opaque ids that stand for them in the log. */
export type People = ReadonlyMap<string, Readonly<{ id: string; name?: string }>>;

export const nobody: People = new Map();

/** An actor with the name that `people` has for him, members as api.md orders them. */
export const presentActor = ({ id, name, kind }: Actor, people: People): Actor => {
  const person = kind === 'user' ? people.get(id) : undefined;
  const shown = person?.name ?? name;
  return { id: person?.id ?? id, ...(shown === undefined ? {} : { name: shown }), kind };
};

// Inside a text JSON escapes the quotes: what is found is a member, if perhaps of something else. Looked for by what is rare.
export const mayNameActor = (metadata: string): boolean => metadata.includes('user"');
export const mayNameClaimant = (data: string): boolean => data.includes('By":{') && data.includes('"claimedBy":{');

/** The opaque ids in events of the log and in deployments, or what else has an actor, for which reads look up the names. */
export const peopleIn = (
  events: readonly LoggedEvent[],
  deployments: ReadonlyArray<Pick<Deployment, 'actor'>> = [],
): string[] => {
  const ids = new Set<string>();
  const note = ({ id, kind }: Actor) => kind === 'user' && ids.add(id);
  for (const { data, metadata } of events) {
    if (mayNameActor(metadata)) note((JSON.parse(metadata) as { actor: Actor }).actor);
    if (mayNameClaimant(data)) noteClaimant(data, ids);
  }
  for (const { actor } of deployments) note(actor);
  return [...ids];
};

const noteClaimant = (data: string, ids: Set<string>): void => {
  const { claimedBy } = JSON.parse(data) as { claimedBy?: { id: string } };
  if (claimedBy) ids.add(claimedBy.id);
};
