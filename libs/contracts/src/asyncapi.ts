import type { EventType } from '#domain';
import { ceTypeOf, commandCeType } from './cloud-events.js';
import { answerSchemas, recordSchemas } from './components.js';
import { eventDataSchemas } from './event-schemas.js';
import type { JsonSchema } from './rules.js';
import { refTo, shape, text, time } from './shapes.js';

type Named = Readonly<Record<string, JsonSchema>>;
type Channel = Readonly<{ topic: string; description: string; messages: Named }>;

const eventSchemas: Named = eventDataSchemas;

const subject: JsonSchema = {
  type: 'string',
  description: '`<project>/<target>`, each percent-encoded as by encodeURIComponent',
  examples: ['web-shop/production', 'octocat%2Fexample/review%2F42'],
};

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

const message = (summary: string, headers: JsonSchema, payload: JsonSchema): JsonSchema => ({
  summary,
  contentType: 'application/json',
  headers,
  payload,
  bindings: { kafka: { key: subject, bindingVersion: '0.5.0' } },
});

const commandMessages = (): Named =>
  named(recordSchemas(), (type) => [
    `${type}Command`,
    message(
      `${type}, bare or as a CloudEvent of type ${commandCeType(type)} with the same data.`,
      shape(
        {},
        { traceparent: text, ce_specversion: { const: '1.0' }, ce_id: text, ce_type: { const: commandCeType(type) } },
      ),
      refTo(`${type}Command`),
    ),
  ]);

const eventMessages = (): Named =>
  named(eventSchemas, (type) => [
    type,
    message(
      `${type}, with the members of the event as headers and its data as the value.`,
      shape(
        { ...ceHeaders, ...causeHeaders, ...actorHeaders, ce_type: { const: ceTypeOf(type as EventType) } },
        traceHeaders,
      ),
      refTo(type),
    ),
  ]);

const outcomeMessage = message(
  'What a command id was answered: one outcome each, for ever.',
  shape(
    {
      ...ceHeaders,
      ...causeHeaders,
      ce_type: { enum: ['io.shiplog.command.accepted.v1', 'io.shiplog.command.rejected.v1'] },
    },
    traceHeaders,
  ),
  refTo('Outcome'),
);

const currentMessage = message(
  'The deployment that is current now; a tombstone (no value) when nothing is.',
  shape({ ...ceHeaders, ce_type: { const: 'io.shiplog.target.current.v1' } }),
  { anyOf: [refTo('Deployment'), { type: 'null' }] },
);

const deadMessage: JsonSchema = {
  summary: 'What is no command: key, value and headers as they came, with headers that say why and from where.',
  headers: shape({ 'shiplog-reason': text, 'shiplog-topic': text, 'shiplog-partition': text, 'shiplog-offset': text }),
  payload: { description: 'Any bytes.' },
};

const named = (entries: object, name: (key: string) => [string, JsonSchema]): Record<string, JsonSchema> =>
  Object.fromEntries(Object.keys(entries).map(name));

const channels = (): Readonly<Record<string, Channel>> => ({
  commands: {
    topic: 'shiplog.commands',
    description: 'Commands of one key are decided in the order of their offsets.',
    messages: commandMessages(),
  },
  outcomes: {
    topic: 'shiplog.outcomes',
    description: 'One outcome per command id, accepted or rejected.',
    messages: { Outcome: outcomeMessage },
  },
  events: {
    topic: 'shiplog.events',
    description: 'Every event at least once, per key in order and without a gap: 1 2 3 2 3 4 may be seen, never 1 3.',
    messages: eventMessages(),
  },
  current: {
    topic: 'shiplog.current',
    description: 'Compacted: the last record of a key says what is current on that target.',
    messages: { Current: currentMessage },
  },
  deadCommands: {
    topic: 'shiplog.commands.dead',
    description: 'Records of the commands topic that are no commands, and command ids used again for another command.',
    messages: { DeadCommand: deadMessage },
  },
});

const channelOf = (name: string, { topic, description, messages }: Channel): JsonSchema => ({
  address: topic,
  description,
  messages: Object.fromEntries(
    Object.keys(messages).map((message) => [message, { $ref: `#/components/messages/${message}` }]),
  ),
  ...(name === 'current' ? { bindings: { kafka: { topicConfiguration: { 'cleanup.policy': ['compact'] } } } } : {}),
});

const operationOf = (name: string): JsonSchema => ({
  action: name === 'commands' ? 'receive' : 'send',
  channel: { $ref: `#/channels/${name}` },
});

/** The Kafka topics as AsyncAPI 3.0, from what the code checks and sends. */
export const asyncApiDocument = (): JsonSchema => {
  const all = Object.entries(channels());
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Shiplog',
      version: '1',
      description:
        'What is deployed where, over Kafka. Topics bear the prefix `shiplog.` unless KAFKA_TOPIC_PREFIX says otherwise.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(all.map(([name, channel]) => [name, channelOf(name, channel)])),
    operations: Object.fromEntries(all.map(([name]) => [name, operationOf(name)])),
    components: {
      messages: Object.assign({}, ...all.map(([, { messages }]) => messages)) as Named,
      schemas: {
        ...named(recordSchemas(), (type) => [`${type}Command`, recordSchemas()[type as 'StartDeployment']]),
        Actor: answerSchemas['Actor'],
        Deployment: answerSchemas['Deployment'],
        Outcome: answerSchemas['Outcome'],
        ...eventSchemas,
      },
    },
  };
};

/** The document as it stands in the repository. */
export const asyncApiText = (): string => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
