import { randomUUID } from 'node:crypto';
import { ProduceAcks, Producer } from '@platformatic/kafka';
import { createLogger, newId, type Logger } from '#runtime';
import { Actors, CommandQueue, commandsMigrations } from '#commands';
import { createPool, EventStore, eventStoreMigrations, type Pool } from '#event-store';
import { projectionsMigrations } from '#projections';
import { createTestDatabase } from '../../../../test/support/database.js';
import '../../../../test/support/with-resolvers.js';
import { kafkaClient, type KafkaOptions } from '../kafka-client.js';
import { kafkaMigrations } from '../migrations.js';
import { TopicMemory } from '../topic-memory.js';
import { ensureTopics, topicNames, type TopicNames } from '../topics.js';

export type Sent = Readonly<{
  key?: Buffer | string | undefined;
  value?: Buffer | string | undefined;
  headers?: Map<Buffer, Buffer>;
}>;

const migrations = [eventStoreMigrations, commandsMigrations, projectionsMigrations, kafkaMigrations];

/** A store, a waist and topics of its own on the real database and broker; `end` takes all of it down again. */
export type Harness = Readonly<{
  brokers: string;
  kafka: KafkaOptions;
  names: TopicNames;
  database: Pool;
  store: EventStore;
  queue: CommandQueue;
  actors: Actors;
  groupId: string;
  log: Logger;
  topics(): TopicMemory;
  /** Publishes with a client that is not kafkajs; answers when all replicas have it. */
  produce(topic: string, records: readonly Sent[]): Promise<void>;
  end(): Promise<void>;
}>;

export async function harness(brokers: string): Promise<Harness> {
  const migrated = await createTestDatabase({ migrations });
  const log = createLogger({ level: 'silent' });
  // A spec may take the log back; whoever calls is told all the same.
  const store = await EventStore.open({ connectionString: migrated.url, onWentBack: () => undefined });
  const database = createPool({ connectionString: migrated.url, max: 4, applicationName: 'kafka-test' });
  const queue = new CommandQueue({ store, newId, log });
  const topicPrefix = `test-${randomUUID()}.`;
  const kafka = { brokers: brokers.split(','), topicPrefix, log };
  let topicsMade: Promise<unknown> | undefined;
  const producer = new Producer({ clientId: 'independent-writer', bootstrapBrokers: kafka.brokers });
  return {
    brokers,
    kafka,
    names: topicNames(topicPrefix),
    database,
    store,
    queue,
    actors: new Actors(database),
    groupId: `test-${randomUUID()}`,
    log,
    topics: () => new TopicMemory(database, () => ensureTopics(kafkaClient(kafka), topicPrefix)),
    produce: async (topic, records) => {
      const messages = records.map(({ key, value, headers }) => ({
        topic,
        ...(key === undefined ? {} : { key: Buffer.from(key) }),
        ...(value === undefined ? {} : { value: Buffer.from(value) }),
        ...(headers ? { headers } : {}),
      }));
      // To topics that are still being made it sends again, and what one partition had taken is there twice.
      await (topicsMade ??= ensureTopics(kafkaClient(kafka), topicPrefix));
      await producer.send({ messages: messages as never, acks: ProduceAcks.ALL });
    },
    end: async () => {
      await producer.close();
      await queue.drain();
      await store.close();
      await database.end();
      await migrated.drop();
    },
  };
}
