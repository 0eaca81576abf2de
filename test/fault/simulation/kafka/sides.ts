import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { kafkaClient } from '#kafka';
import { createTopics, untilServed } from '#kafka/testing';
import { createLogger } from '#runtime';
import { Kernel, Owner } from '../kernel.js';
import { fair, kafkaErrors, Link } from '../weather.js';
import { Broker } from './broker.js';
import { memoryKafka } from './client.js';

const COORDINATED_WITHIN_MS = 30_000;

/** A broker, and what becomes of its topics by other hands than the product's. */
export type Side = Readonly<{
  /** A client of its own, as each consumer needs one. */
  client(): Kafka;
  make(topic: string, partitions: number): Promise<void>;
  /** Takes away what lies before the offset, as retention does. */
  removeBefore(topic: string, partition: number, offset: number): Promise<void>;
  /** Until somebody coordinates the group: a broker on which no group was before takes its time. */
  coordinated(group: string): Promise<void>;
  end(): Promise<void>;
}>;

/** The broker of the test run, its topics made as the product makes them. */
export const realSide = (brokers: string): Side => {
  const log = createLogger({ level: 'silent' });
  const client = (): Kafka => kafkaClient({ brokers: brokers.split(','), topicPrefix: '', log });
  const asAdmin = async (ask: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const admin = client().admin();
    await admin.connect();
    await ask(admin).finally(() => admin.disconnect());
  };
  return {
    client,
    make: (topic, numPartitions) => {
      const configEntries = [
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
        { name: 'compression.type', value: 'gzip' },
      ];
      return asAdmin((admin) => createTopics(admin, [{ topic, numPartitions, configEntries }]));
    },
    removeBefore: (topic, partition, offset) =>
      asAdmin(async (admin) => {
        // kafkajs looks for the leader among those that it knows.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
      }),
    coordinated: (groupId) =>
      asAdmin((admin) => untilServed(() => admin.fetchOffsets({ groupId }), COORDINATED_WITHIN_MS)),
    end: async () => undefined,
  };
};

/** The broker of the simulation, in fair weather, its clock that of the wall. */
export const memorySide = (): Side => {
  const kernel = new Kernel(1);
  const server = new Owner('kafka');
  const broker = new Broker(kernel, server, () => undefined);
  const began = performance.now();
  let isOver = false;
  const run = async (): Promise<void> => {
    for (; !isOver; await sleep(1)) await kernel.run(performance.now() - began);
  };
  const running = run();
  return {
    client: () => {
      const owner = new Owner('test');
      const link = new Link(kernel, { owner, server, weather: fair(), errors: kafkaErrors });
      const asleep = (ms: number): Promise<void> => new Promise((resolve) => kernel.after(ms, owner, resolve));
      return memoryKafka({ kernel, broker, owner, link, sleep: asleep, tears: () => 0 });
    },
    make: async (topic, partitions) => broker.make(topic, partitions),
    removeBefore: async (topic, partition, offset) => broker.retain(topic, partition, offset),
    coordinated: async () => undefined,
    end: async () => {
      isOver = true;
      await running;
    },
  };
};
