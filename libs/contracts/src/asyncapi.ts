import {
  checkpointMessage,
  commandMessages,
  currentMessage,
  deadMessage,
  eventMessages,
  outcomeMessage,
  structuredCommandMessage,
  type Named,
} from './asyncapi-messages.js';
import { answerSchemas, recordSchemas } from './components.js';
import { eventDataSchemas } from './event-schemas.js';
import type { JsonSchema } from './rules.js';

type Channel = Readonly<{
  topic: string;
  description: string;
  messages: Named;
  policy?: 'compact' | 'delete';
  kept?: 'for ever';
}>;

const channels = (): Readonly<Record<string, Channel>> => ({
  commands: {
    topic: 'shiplog.commands',
    description: 'Commands of one key are decided in the order of their offsets.',
    messages: { ...commandMessages(), CloudEventCommand: structuredCommandMessage() },
  },
  outcomes: {
    topic: 'shiplog.outcomes',
    description: 'One outcome per command id, accepted or rejected.',
    messages: { Outcome: outcomeMessage() },
  },
  events: {
    topic: 'shiplog.events',
    description: 'Every event at least once, per key in order and without a gap: 1 2 3 2 3 4 may be seen, never 1 3.',
    messages: eventMessages(),
  },
  current: {
    topic: 'shiplog.current',
    description: 'Compacted: the last record of a key says what is current on that target.',
    messages: { Current: currentMessage() },
    policy: 'compact',
  },
  checkpoints: {
    topic: 'shiplog.checkpoints',
    description:
      'Signed checkpoints of the log, in the order of their sizes: kept outside of the database, they show whether it was rewritten.',
    messages: { Checkpoint: checkpointMessage() },
    kept: 'for ever',
  },
  deadCommands: {
    topic: 'shiplog.commands.dead',
    description:
      'Records of the commands topic that are no commands, or not for their sender to give, command ids used again for another ' +
      'command, and what the database cannot keep. Records may be 64 KiB larger than those of the commands topic.',
    messages: { DeadCommand: deadMessage() },
  },
});

const PARTITIONS = 12;

const channelOf = ({ topic, description, messages, policy = 'delete', kept }: Channel): JsonSchema => ({
  address: topic,
  description,
  messages: Object.fromEntries(
    Object.keys(messages).map((message) => [message, { $ref: `#/components/messages/${message}` }]),
  ),
  bindings: {
    kafka: {
      topic,
      partitions: PARTITIONS,
      topicConfiguration: {
        'cleanup.policy': [policy],
        'compression.type': 'gzip',
        ...(kept ? { 'retention.ms': -1 } : {}),
      },
      bindingVersion: '0.5.0',
    },
  },
});

const operationOf = (name: string): JsonSchema => ({
  action: name === 'commands' ? 'receive' : 'send',
  channel: { $ref: `#/channels/${name}` },
});

const commandSchemas = (): Named =>
  Object.fromEntries(Object.entries(recordSchemas()).map(([type, schema]) => [`${type}Command`, schema]));

/** The Kafka topics as AsyncAPI 3.0, from what the code checks and sends. */
export const asyncApiDocument = (): JsonSchema => {
  const all = Object.entries(channels());
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Shiplog',
      version: '1',
      description:
        'What is deployed where, over Kafka. Topics bear the prefix `shiplog.` unless KAFKA_TOPIC_PREFIX says otherwise. ' +
        'In outcomes, events and what is current, persons and whoever is named by `claimedBy` stand as opaque ids: their ' +
        'names are read over HTTP.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(all.map(([name, channel]) => [name, channelOf(channel)])),
    operations: Object.fromEntries(all.map(([name]) => [name, operationOf(name)])),
    components: {
      messages: Object.assign({}, ...all.map(([, { messages }]) => messages)) as Named,
      schemas: {
        ...commandSchemas(),
        Actor: answerSchemas['Actor'],
        Deployment: answerSchemas['Deployment'],
        Outcome: answerSchemas['Outcome'],
        Checkpoint: answerSchemas['Checkpoint'],
        ...eventDataSchemas,
      },
    },
  };
};

/** The document as it stands in the repository. */
export const asyncApiText = (): string => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
