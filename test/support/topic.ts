import { randomUUID } from 'node:crypto';
import { Consumer, type Message } from '@platformatic/kafka';
import { checkRecord } from './topic-contract.js';
import './with-resolvers.js';

/** A record as it lies on the topic; key and value are null where the record has none. */
export type TopicRecord = Readonly<{
  partition: number;
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
}>;

const toRecord = (message: Message): TopicRecord => ({
  partition: message.partition,
  offset: Number(message.offset),
  key: message.key ?? null,
  value: message.value ?? null,
  headers: Object.fromEntries([...message.headers].map(([name, value]) => [name.toString(), value.toString()])),
});

const openConsumer = (brokers: string): Consumer =>
  new Consumer({
    groupId: `reader-${randomUUID()}`,
    clientId: 'independent-reader',
    bootstrapBrokers: brokers.split(','),
    maxWaitTime: 100,
  });

/** Where each partition of a topic ends that has records. */
export const topicEnds = async (brokers: string, topic: string): Promise<Map<number, number>> => {
  const consumer = openConsumer(brokers);
  const ends = await consumer.listOffsets({ topics: [topic] }).finally(() => consumer.close(true));
  const all = (ends.get(topic) ?? []).map((end, partition) => [partition, Number(end)] as const);
  return new Map(all.filter(([, end]) => end > 0));
};

/** Shows all that lies on a topic now, one record after the other, read as `readTopic` does. */
export const eachRecord = async (
  brokers: string,
  topic: string,
  see: (record: TopicRecord) => void,
  timeoutMs?: number,
): Promise<void> => {
  const missing = await topicEnds(brokers, topic);
  if (missing.size === 0) return;
  const seeTheLast = (record: TopicRecord): boolean => {
    see(record);
    if (record.offset + 1 >= (missing.get(record.partition) ?? Infinity)) missing.delete(record.partition);
    return missing.size === 0;
  };
  await followTopic(brokers, topic, seeTheLast, timeoutMs);
};

/** All that lies on a topic now, read as `readTopic` does. */
export const readWholeTopic = async (brokers: string, topic: string): Promise<TopicRecord[]> => {
  const records: TopicRecord[] = [];
  await eachRecord(brokers, topic, (record) => void records.push(record));
  return records;
};

/**
 * Reads a topic from its first record with a client that is not kafkajs, until `done` says so of all records read; throws
 * with how much was read when `timeoutMs` pass first, and where a record is not as asyncapi.json has it.
 */
export const readTopic = async (
  brokers: string,
  topic: string,
  done: (records: readonly TopicRecord[]) => boolean,
  timeoutMs?: number,
): Promise<TopicRecord[]> => {
  const records: TopicRecord[] = [];
  const add = (record: TopicRecord): boolean => {
    records.push(record);
    return done(records);
  };
  await followTopic(brokers, topic, add, timeoutMs);
  return records;
};

const followTopic = async (
  brokers: string,
  topic: string,
  isLast: (record: TopicRecord) => boolean,
  timeoutMs = 60_000,
): Promise<void> => {
  const consumer = openConsumer(brokers);
  let read = 0;
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', fallbackMode: 'fail', autocommit: false });
  const timer = setTimeout(
    () => stream.destroy(new Error(`${topic}: only ${read} records in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    for await (const message of stream) {
      const record = toRecord(message as Message);
      checkRecord(topic, record);
      read += 1;
      if (isLast(record)) break;
    }
  } finally {
    clearTimeout(timer);
    await consumer.close(true);
  }
};
