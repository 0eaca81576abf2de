import { subjectOf, type Time } from '#domain';
import { badInput } from './bad-input.js';
import { readBareCommand, type BareCommand } from './bare-command.js';
import { unwrap, type CommandMessage } from './cloud-command.js';
import { decode } from './json.js';

/** A command as it came on the topic; `traceparent` is the W3C trace parent of the record. */
export type KafkaCommand = BareCommand & Readonly<{ traceparent?: string }>;

/**
 * Reads a record of the commands topic: bare JSON, or a CloudEvent in structured or binary mode whose data is the same.
 * Trusts nothing: throws BadInput, whatever the bytes, for what is no command or stands under another key than its
 * target's. Times come back in the domain's spelling.
 */
export const parseKafkaCommand = (message: CommandMessage, { now }: { now: Time }): KafkaCommand => {
  const { id, traceparent, data } = unwrap(message);
  const command = readBareCommand(data, { now });
  holdToKey(message, command);
  return {
    ...command,
    ...(id === undefined ? {} : { commandId: id }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
};

const holdToKey = ({ key }: CommandMessage, { project, target }: BareCommand): void => {
  if (key === null) throw badInput('key', 'is missing');
  if (decode(key, 'key') !== subjectOf(project, target))
    throw badInput('key', 'is not that of its project and target, each percent-encoded');
};
