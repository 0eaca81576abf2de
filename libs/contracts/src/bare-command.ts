import type { Actor, ClaimedBy, TargetCommand, Time } from '#domain';
import { badInput } from './bad-input.js';
import { check } from './check.js';
import { occurredAtOf, toCommand } from './command.js';
import { recordData } from './dto/bodies.dto.js';
import { CommandRecord } from './dto/record.dto.js';

export type BareCommand = Readonly<{
  /** Undefined where the sender chose none. */
  commandId?: string;
  command: TargetCommand;
  project: string;
  target: string;
  actor?: Actor;
  claimedBy?: ClaimedBy;
  occurredAt?: Time;
  expectedVersion?: number;
  /** What makes it this command and no other, as it was sent; `fingerprintOf` takes it. */
  fingerprintParts: object;
}>;
export type ListedCommand = BareCommand & Readonly<{ commandId: string }>;

/** What a command is called where its faults are told and no member of it is at fault. */
type Reading = Readonly<{ now: Time; root?: string }>;

/**
 * Reads a command in its bare form, of whose parsed JSON it trusts nothing: throws BadInput for what is none. Times come
 * back in the domain's spelling.
 */
export const readBareCommand = (sent: unknown, { now, root = 'value' }: Reading): BareCommand => {
  const record = check(CommandRecord, sent, root);
  const { type, project, target, commandId, actor, claimedBy, occurredAt, expectedVersion } = record;
  return {
    command: commandOf(record),
    project,
    target,
    ...(commandId === undefined ? {} : { commandId }),
    ...(actor === undefined ? {} : { actor }),
    ...(claimedBy === undefined ? {} : { claimedBy }),
    ...(occurredAt === undefined ? {} : { occurredAt: occurredAtOf(occurredAt, now) }),
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
    fingerprintParts: { type, data: record.data, expectedVersion, occurredAt, actor },
  };
};

/** As `readBareCommand`, of one command among several in a request: there each needs its id. */
export const readListedCommand = (sent: unknown, { now }: { now: Time }): ListedCommand => {
  const command = readBareCommand(sent, { now, root: 'command' });
  const { commandId } = command;
  if (commandId === undefined) throw badInput('commandId', 'is missing: it is how the command is told from others');
  return { ...command, commandId };
};

const commandOf = ({ type, project, target, data }: CommandRecord): TargetCommand => {
  const checked: { key?: string } = check(recordData[type], data, 'data', 'data');
  if (checked.key !== undefined && checked.key !== target)
    throw badInput('data.key', 'is not the target of the command');
  return toCommand({ type, project, target }, checked);
};
