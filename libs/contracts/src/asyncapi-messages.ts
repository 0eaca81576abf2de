import { publicCommandTypes, type EventType, type PublicCommandType } from '#domain';
import { MAX_COMMAND_ID, commandIdPattern } from './checks.js';
import { ceTypeOf, commandCeType } from './cloud-events.js';
import { eventDataSchemas } from './event-schemas.js';
import { checkpointMessageExamples } from './examples/audit.js';
import {
  commandMessageExamples,
  currentMessageExamples,
  deadMessageExamples,
  eventMessageExamples,
  outcomeMessageExamples,
  structuredCommandExamples,
  type MessageExample,
} from './examples/messages.js';
import type { JsonSchema } from './rules.js';
import { refTo, shape, text, time } from './shapes.js';

export type Named = Readonly<Record<string, JsonSchema>>;

/** The key of records of which nothing else is said. */
const subject: JsonSchema = {
  type: 'string',
  description: '`<project>/<target>`, each percent-encoded as by encodeURIComponent',
  examples: ['web-shop/production', 'octocat%2Fexample/review%2F42'],
};

/** The key of checkpoints: one, so that their order holds. */
const origin: JsonSchema = { ...text, description: 'The name of the log: `urn:shiplog:<store id>`.' };

const ceHeaders = {
  'content-type': { const: 'application/json' },
  ce_specversion: { const: '1.0' },
  ce_id: { ...text, description: 'Unique: a record seen twice has the same.' },
  ce_source: { ...text, description: 'The store: `urn:shiplog:<store id>`.' },
  ce_sequence: { type: 'string', pattern: '^\\d{19}$' },
  ce_subject: text,
  ce_time: time,
  ce_partitionkey: subject,
};
const causeHeaders = {
  ce_recordedtime: time,
  ce_correlationid: { ...text, description: "The trace's id, else the command id." },
  ce_causationid: { ...text, description: 'The command id.' },
  ce_streamversion: { type: 'string', pattern: '^\\d+$' },
};
const traceHeaders = {
  traceparent: {
    ...text,
    description: 'W3C Trace Context: of the command where it came with one, and of its publishing.',
  },
};
const actorHeaders = { ce_actorid: text, ce_actorkind: { enum: ['user', 'service', 'system'] } };

type Message = Readonly<{
  headers: JsonSchema;
  payload: JsonSchema;
  examples: readonly MessageExample[];
  contentType?: string;
}>;

const message = (
  summary: string,
  { headers, payload, examples, contentType = 'application/json' }: Message,
): JsonSchema => ({
  summary,
  contentType,
  headers,
  payload,
  bindings: { kafka: { key: subject, bindingVersion: '0.5.0' } },
  examples,
});

const commandId: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: MAX_COMMAND_ID,
  pattern: commandIdPattern.source,
};

const commandMessage = (type: PublicCommandType): JsonSchema =>
  message(`${type}, bare or as a CloudEvent of type ${commandCeType(type)} with the same data.`, {
    headers: shape(
      {},
      {
        ...{ 'content-type': text, traceparent: text, ce_traceparent: text },
        ...{ ce_specversion: { const: '1.0' }, ce_id: text, ce_type: { const: commandCeType(type) } },
      },
    ),
    payload: refTo(`${type}Command`),
    examples: commandMessageExamples(type),
  });

const eventMessage = (type: EventType, example: MessageExample): JsonSchema =>
  message(`${type}, with the members of the event as headers and its data as the value.`, {
    headers: shape(
      { ...ceHeaders, ...causeHeaders, ...actorHeaders, ce_type: { const: ceTypeOf(type) } },
      traceHeaders,
    ),
    payload: refTo(type),
    examples: [example],
  });

/** A command of each type, by the name of its schema. */
export const commandMessages = (): Named =>
  Object.fromEntries(publicCommandTypes.map((type) => [`${type}Command`, commandMessage(type)]));

/** Any of them as a CloudEvent in structured mode. */
export const structuredCommandMessage = (): JsonSchema =>
  message('A command as the data of a CloudEvent, whose id is the command id.', {
    contentType: 'application/cloudevents+json',
    headers: shape(
      { 'content-type': { type: 'string', pattern: '^application/cloudevents\\+json' } },
      { traceparent: text },
    ),
    payload: {
      ...shape(
        {
          specversion: { const: '1.0' },
          id: commandId,
          type: { enum: publicCommandTypes.map(commandCeType) },
        },
        {
          data: { anyOf: publicCommandTypes.map((type) => refTo(`${type}Command`)) },
          data_base64: { ...text, description: "The command's JSON in base64, where `data` is not given." },
          traceparent: text,
        },
      ),
      // Those of CloudEvents, and extensions.
      additionalProperties: true,
    },
    examples: structuredCommandExamples(),
  });

/** An event of each type. */
export const eventMessages = (): Named => {
  const examples = eventMessageExamples();
  const types = Object.keys(eventDataSchemas) as EventType[];
  return Object.fromEntries(types.map((type) => [type, eventMessage(type, examples.get(type)!)]));
};

export const outcomeMessage = (): JsonSchema =>
  message('What a command id was answered: one outcome each, for ever.', {
    headers: shape(
      {
        ...ceHeaders,
        ...causeHeaders,
        ce_type: { enum: ['io.shiplog.command.accepted.v1', 'io.shiplog.command.rejected.v1'] },
      },
      traceHeaders,
    ),
    payload: refTo('Outcome'),
    examples: outcomeMessageExamples(),
  });

export const currentMessage = (): JsonSchema =>
  message('The deployment that is current now; a tombstone (no value) when nothing is.', {
    headers: shape({ ...ceHeaders, ce_type: { const: 'io.shiplog.target.current.v1' } }),
    payload: { anyOf: [refTo('Deployment'), { type: 'null' }] },
    examples: currentMessageExamples(),
  });

export const checkpointMessage = (): JsonSchema => ({
  ...message('A signed checkpoint of the log: so many events, the root over them, and who signed.', {
    headers: shape({
      ...ceHeaders,
      ce_type: { const: 'io.shiplog.audit.checkpoint.v1' },
      ce_sequence: { ...ceHeaders.ce_sequence, description: 'How many events it vouches for.' },
      ce_subject: { const: 'audit' },
      ce_partitionkey: origin,
    }),
    payload: refTo('Checkpoint'),
    examples: checkpointMessageExamples,
  }),
  bindings: { kafka: { key: origin, bindingVersion: '0.5.0' } },
});

export const deadMessage = (): JsonSchema => ({
  summary: 'What is no command: key, value and headers as they came, with headers that say why and from where.',
  headers: shape({
    'shiplog-reason': {
      ...text,
      description:
        'malformed, forbidden, idempotency_key_reused or not_recordable, and mostly, behind a colon, why in words.',
    },
    'shiplog-topic': text,
    'shiplog-partition': { ...text, pattern: '^[0-9]+$' },
    'shiplog-offset': { ...text, pattern: '^[0-9]+$' },
  }),
  payload: { description: 'Any bytes.' },
  bindings: {
    kafka: { key: { description: 'As it came: any bytes, or none.' }, bindingVersion: '0.5.0' },
  },
  examples: deadMessageExamples,
});
