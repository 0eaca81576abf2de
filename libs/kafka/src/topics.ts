import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';
import { untilDone } from './pause.js';
import type { Partitions } from './topic-memory.js';

const PARTITIONS = 12;
/**
 * Records bear the broker's clock. One that is more than an hour behind ours would refuse our own; and a command that does not say
 * when it happened did so when it reached the topic, not when its sender's clock says.
 */
const BY_THE_BROKERS_CLOCK = { 'message.timestamp.type': 'LogAppendTime' };
/** Room for the headers that a dead letter has beside the record as it came. */
const DEAD_LETTER_ROOM = 64 * 1024;
const SERVED_WITHIN_MS = 10_000;
const TOPIC_RESOURCE = 2;
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

export type TopicNames = Readonly<
  Record<'commands' | 'dead' | 'events' | 'outcomes' | 'current' | 'checkpoints', string>
>;

/** The topics to which the relay carries what is in the log. */
export const published = ['events', 'outcomes', 'current', 'checkpoints'] as const satisfies ReadonlyArray<
  keyof TopicNames
>;

/** The names of our topics behind a prefix such as `shiplog.`. */
export const topicNames = (prefix: string): TopicNames => ({
  commands: `${prefix}commands`,
  dead: `${prefix}commands.dead`,
  events: `${prefix}events`,
  outcomes: `${prefix}outcomes`,
  current: `${prefix}current`,
  checkpoints: `${prefix}checkpoints`,
});

/**
 * Creates the topics that are missing, 12 partitions each, and answers how many partitions each has. Topics that exist
 * are taken as they are; throws kafkajs' errors when no broker answers.
 */
export async function ensureTopics(kafka: Kafka, prefix: string): Promise<Partitions> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const names = topicNames(prefix);
    const { brokers } = await admin.describeCluster();
    const make = missingMaker(admin, await admin.listTopics(), Math.min(3, brokers.length));
    await make([{ topic: names.commands, config: BY_THE_BROKERS_CLOCK }]);
    await make([
      {
        topic: names.dead,
        config: {
          ...BY_THE_BROKERS_CLOCK,
          'max.message.bytes': String((await maxMessageBytes(admin, names.commands)) + DEAD_LETTER_ROOM),
        },
      },
      { topic: names.events, config: BY_THE_BROKERS_CLOCK },
      { topic: names.outcomes, config: BY_THE_BROKERS_CLOCK },
      { topic: names.current, config: { ...BY_THE_BROKERS_CLOCK, 'cleanup.policy': 'compact' } },
      // They are few, and are there to be held against a log that somebody may rewrite years later.
      { topic: names.checkpoints, config: { ...BY_THE_BROKERS_CLOCK, 'retention.ms': '-1' } },
    ]);
    return await partitionsOf(admin, Object.values(names));
  } finally {
    await admin.disconnect();
  }
}

type Wanted = { topic: string; config?: Record<string, string> };

const missingMaker =
  (admin: Admin, existing: readonly string[], replicationFactor: number) => async (wanted: Wanted[]) => {
    const missing = wanted.filter(({ topic }) => !existing.includes(topic));
    if (missing.length === 0) return;
    const topics: ITopicConfig[] = missing.map(({ topic, config = {} }) => ({
      topic,
      numPartitions: PARTITIONS,
      replicationFactor,
      configEntries: Object.entries({
        // Whatever producers compress with, kafkajs can read it again.
        'compression.type': 'gzip',
        'min.insync.replicas': replicationFactor > 2 ? '2' : '1',
        ...config,
      }).map(([name, value]) => ({ name, value })),
    }));
    await createTopics(admin, topics);
  };

/** Creates those of the topics that are missing, and waits until all are served; rejects when that takes over 10 s. */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  // kafkajs would wait for leaders itself, and give up where the broker has not yet heard of a topic that it just made.
  await admin.createTopics({ topics, waitForLeaders: false }).catch(unlessTheyExist);
  // A leader may be named in the metadata before it knows that it leads: all are to answer for their partitions.
  for (const { topic } of topics) await untilServed(() => admin.fetchTopicOffsets(topic));
}

/** Asks until it is answered; rejects as the last try did, when that takes over 10 s or `withinMs`. */
export async function untilServed<T>(ask: () => Promise<T>, withinMs = SERVED_WITHIN_MS): Promise<T> {
  let last: unknown;
  const tooLong = AbortSignal.timeout(withinMs);
  try {
    return await untilDone(ask, (error) => (last = error), tooLong);
  } catch (error) {
    throw error === tooLong.reason && last ? last : error;
  }
}

/** Another replica was quicker. */
function unlessTheyExist(error: unknown): void {
  const errors = error instanceof kafkajs.KafkaJSAggregateError ? error.errors : [error];
  if (errors.some((each) => (each as { type?: string }).type !== 'TOPIC_ALREADY_EXISTS')) throw error;
}

async function maxMessageBytes(admin: Admin, topic: string): Promise<number> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: ['max.message.bytes'] }],
  });
  return Number(resources[0]?.configEntries[0]?.configValue ?? DEFAULT_MAX_MESSAGE_BYTES);
}

async function partitionsOf(admin: Admin, names: string[]): Promise<Partitions> {
  const { topics } = await untilServed(() => admin.fetchTopicMetadata({ topics: names }));
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}
