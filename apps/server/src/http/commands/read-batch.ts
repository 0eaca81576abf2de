import { setImmediate as othersTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { fingerprintOf, isCommandId, isTraceparent, readListedCommand, type ListItem } from '#contracts';
import { fromEpochMillis, streamOf } from '#domain';
import { clock } from '#runtime';
import { authorize } from '../auth/access.guard.js';
import type { Identity } from '../auth/identity.js';
import { scopeOf } from './scope-of.js';
import type { Sent } from './submissions.js';

export const MAX_COMMANDS = 1_000;
export const BATCH_LIMITS = { maxItems: MAX_COMMANDS, maxBytes: 16 * 1024 * 1024 };
/** So long, and one command longer, others wait while a list is read: a large one takes seconds. */
const TURN_MS = 10;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is a list of commands. */
    commands?: true;
  }
}

/** A command of a list that is to be submitted, or what is thrown at it. */
export type Read = Readonly<{ commandId: string | undefined } & ({ sent: Sent } | { refused: unknown })>;

/** Is each a command at all, and may this sender send it? Each is looked at by itself. */
export async function readBatch(items: Iterable<ListItem>, { identity, headers }: FastifyRequest): Promise<Read[]> {
  const now = fromEpochMillis(clock.now());
  const trace = isTraceparent(headers.traceparent) ? { traceparent: headers.traceparent } : {};
  const readOne = (item: ListItem): Read => {
    const commandId = 'value' in item ? idIn(item.value) : undefined;
    try {
      if ('fault' in item) throw item.fault;
      return { commandId, sent: { ...readSent(item.value, identity!, now), bytes: item.bytes, ...trace } };
    } catch (refused) {
      return { commandId, refused };
    }
  };
  const read: Read[] = [];
  let turn = performance.now();
  for (const item of items) {
    read.push(readOne(item));
    if (performance.now() - turn < TURN_MS) continue;
    await othersTurn();
    turn = performance.now();
  }
  return read;
}

function readSent(value: unknown, identity: Identity, now: string): Sent {
  const listed = readListedCommand(value, { now });
  const { commandId, command, project, target, actor, occurredAt = now, expectedVersion, fingerprintParts } = listed;
  const { type } = command;
  authorize(identity, scopeOf(type), type === 'CreateTarget' ? { project } : { project, target });
  // A token says who sends it: an actor in the payload is a claim, and goes before another.
  const claimed = actor
    ? { id: actor.id, ...(actor.name === undefined ? {} : { name: actor.name }) }
    : listed.claimedBy;
  return {
    stream: streamOf(project, target),
    commandId,
    // A command of the topic is another one, though it reads the same.
    fingerprint: fingerprintOf(['http', fingerprintParts]),
    command,
    occurredAt,
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
    ...(claimed === undefined ? {} : { claimedBy: claimed }),
  };
}

const idIn = (value: unknown): string | undefined => {
  const { commandId } = (value ?? {}) as { commandId?: unknown };
  return isCommandId(commandId) ? commandId : undefined;
};
