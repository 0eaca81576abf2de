import kafkajs, { type Kafka } from 'kafkajs';

import { ensureTopics, kafkaClient, topicNames, type TopicNames } from '#kafka';
import { createLogger } from '#runtime';

const log = createLogger({ level: 'warn' });

/** kafkajs as the service has it. */
export const clientOf = (broker: string): Kafka =>
  kafkaClient({ brokers: [broker], topicPrefix: '', log, clientId: 'bench' });

/** The topics of the service under prefixes that nobody else has, deleted at the end. */
export class Topics {
  readonly #prefixes: string[] = [];

  private constructor(private readonly broker: string) {}

  static async during<T>(broker: string, work: (topics: Topics) => Promise<T>): Promise<T> {
    const topics = new Topics(broker);
    try {
      return await work(topics);
    } finally {
      await topics.#delete();
    }
  }

  /** A new prefix; its topics stand. */
  async create(): Promise<Readonly<{ prefix: string; names: TopicNames }>> {
    const prefix = `bench-${process.pid}-${this.#prefixes.length}.`;
    this.#prefixes.push(prefix);
    await ensureTopics(clientOf(this.broker), prefix);
    return { prefix, names: topicNames(prefix) };
  }

  async #delete(): Promise<void> {
    const admin = clientOf(this.broker).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: this.#prefixes.flatMap((prefix) => Object.values(topicNames(prefix))) });
    await admin.disconnect();
  }
}

/** kafkajs' own settings that both sides of every comparison share: all replicas, gzip as the relay has it. */
export const sending = { acks: -1, compression: kafkajs.CompressionTypes.GZIP } as const;
