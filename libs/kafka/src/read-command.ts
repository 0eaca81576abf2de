import type { KafkaMessage } from 'kafkajs';
import type { Person, Referred, Submission } from '#commands';
import { BadInput, fingerprintOf, parseKafkaCommand, type KafkaCommand } from '#contracts';
import { fromEpochMillis, streamOf, type Actor, type CommandContext } from '#domain';
import { clock } from '#runtime';
import { headersOf, type Origin } from './dead-letters.js';

/** What the topic may do: the projects that it may command, and whether a record's `actor` is the actor. */
export type Rights = Readonly<{ projects: readonly string[] | '*'; trustActor: boolean }>;

/** A command as it came, before the people in it are replaced by opaque ids. */
export type Candidate = Readonly<{
  submission: Omit<Submission, 'context'>;
  context: Pick<CommandContext, 'occurredAt' | 'expectedVersion'>;
  actor: Actor;
  claimedBy?: Person;
}>;
export type Poison = Readonly<{ reason: string }>;

const KAFKA: Actor = { id: 'kafka', kind: 'service' };

/** Reads a record, or says why it is none that this topic may send. Whatever the bytes, it does not throw for them. */
export function readCommand(record: KafkaMessage, origin: Origin, rights: Rights): Candidate | Poison {
  try {
    const now = fromEpochMillis(clock.now());
    const headers = headersOf(record.headers);
    return candidateOf(parseKafkaCommand({ key: record.key, value: record.value, headers }, { now }), record, {
      origin,
      rights,
    });
  } catch (error) {
    if (error instanceof BadInput) return { reason: `malformed: ${error.message}` };
    throw error;
  }
}

export const isPoison = (read: Candidate | Poison): read is Poison => 'reason' in read;

function candidateOf(
  sent: KafkaCommand,
  record: KafkaMessage,
  { origin, rights }: { origin: Origin; rights: Rights },
): Candidate | Poison {
  const { projects, trustActor } = rights;
  if (projects !== '*' && !projects.includes(sent.project))
    return { reason: 'forbidden: this topic may not command the project' };
  if (trustActor && sent.actor?.kind === 'system')
    return { reason: 'forbidden: only the service itself is of kind system' };
  return {
    submission: {
      stream: streamOf(sent.project, sent.target),
      commandId: sent.commandId ?? `shiplog:${origin.topic}/${origin.partition}/${origin.offset}`,
      fingerprint: fingerprintOf(sent.fingerprintParts),
      command: sent.command,
      bytes: record.value?.length ?? 0,
      ...(sent.traceparent === undefined ? {} : { traceparent: sent.traceparent }),
    },
    context: {
      occurredAt: sent.occurredAt ?? arrivalOf(record),
      ...(sent.expectedVersion === undefined ? {} : { expectedVersion: sent.expectedVersion }),
    },
    ...sendersOf(sent, trustActor),
  };
}

/** A payload that is not trusted claims to be its actor, and that is all it does. */
function sendersOf({ actor, claimedBy }: KafkaCommand, trustActor: boolean): Pick<Candidate, 'actor' | 'claimedBy'> {
  const claimed = trustActor ? claimedBy : (personOf(actor) ?? claimedBy);
  return { actor: (trustActor && actor) || KAFKA, ...(claimed ? { claimedBy: claimed } : {}) };
}

const personOf = (actor: Actor | undefined): Person | undefined =>
  actor && { id: actor.id, ...(actor.name === undefined ? {} : { name: actor.name }) };

/** When the record reached the topic; a clock that is ahead of ours does not count. */
const arrivalOf = ({ timestamp }: KafkaMessage): string => {
  const stamped = Number(timestamp);
  const now = clock.now();
  return fromEpochMillis(stamped > 0 ? Math.min(stamped, now) : now);
};

/** The people whom a command names: its actor where that is a person, and who it is claimed to be by. */
export const peopleOf = ({ actor, claimedBy }: Candidate): Referred[] => [
  ...(actor.kind === 'user' ? [{ ...personOf(actor)!, acts: true }] : []),
  ...(claimedBy ? [{ ...claimedBy, acts: false }] : []),
];

/** The submission, with the opaque ids of `peopleOf` in the same order. */
export function submissionOf(candidate: Candidate, opaqueIds: readonly string[]): Submission {
  const ids = [...opaqueIds];
  const { actor, claimedBy } = candidate;
  const sender: Actor = actor.kind === 'user' ? { id: ids.shift()!, kind: 'user' } : actor;
  return {
    ...candidate.submission,
    context: { ...candidate.context, actor: sender, ...(claimedBy ? { claimedBy: { id: ids.shift()! } } : {}) },
  };
}
