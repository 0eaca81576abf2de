import { subjectOf, type Actor, type ClaimedBy, type TargetCommand, type Time } from '#domain';
import { badInput } from './bad-input.js';
import { check } from './check.js';
import { unwrap, type CommandMessage } from './cloud-command.js';
import { occurredAtOf, toCommand } from './command.js';
import { recordData } from './dto/bodies.dto.js';
import { CommandRecord } from './dto/record.dto.js';
import { decode } from './json.js';

export type KafkaCommand = Readonly<{
  /** Undefined where the sender chose none. */
  commandId?: string;
  command: TargetCommand;
  project: string;
  target: string;
  actor?: Actor;
  claimedBy?: ClaimedBy;
  occurredAt?: Time;
  expectedVersion?: number;
  /** W3C trace parent of the record. */
  traceparent?: string;
  /** What makes it this command and no other, as it was sent; `fingerprintOf` takes it. */
  fingerprintParts: object;
}>;

/**
 * Reads a record of the commands topic: bare JSON, or a CloudEvent in structured or binary mode whose data is the same.
 * Trusts nothing: throws BadInput, whatever the bytes, for what is no command or stands under another key than its
 * target's. Times come back in the domain's spelling.
 */
export const parseKafkaCommand = (message: CommandMessage, { now }: { now: Time }): KafkaCommand => {
  const { id, traceparent, data: sent } = unwrap(message);
  const record = check(CommandRecord, sent, 'value');
  const { type, project, target, actor, claimedBy, occurredAt, expectedVersion } = record;
  const commandId = id ?? record.commandId;
  holdToKey(message, record);
  return {
    command: commandOf(record),
    project,
    target,
    ...(commandId === undefined ? {} : { commandId }),
    ...(actor === undefined ? {} : { actor }),
    ...(claimedBy === undefined ? {} : { claimedBy }),
    ...(occurredAt === undefined ? {} : { occurredAt: occurredAtOf(occurredAt, now) }),
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
    ...(traceparent === undefined ? {} : { traceparent }),
    fingerprintParts: { type, data: record.data, expectedVersion, occurredAt, actor },
  };
};

const commandOf = ({ type, project, target, data }: CommandRecord): TargetCommand => {
  const checked: { key?: string } = check(recordData[type], data, 'data', 'data');
  if (checked.key !== undefined && checked.key !== target)
    throw badInput('data.key', 'is not the target of the command');
  return toCommand({ type, project, target }, checked);
};

const holdToKey = ({ key }: CommandMessage, { project, target }: CommandRecord): void => {
  if (key === null) throw badInput('key', 'is missing');
  if (decode(key, 'key') !== subjectOf(project, target))
    throw badInput('key', 'is not that of its project and target, each percent-encoded');
};
