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

/**
 * Reads a topic from its first record with a client that is not kafkajs, until `done` says so of all records read; throws
 * with what was read when `timeoutMs` pass first, and where a record is not as asyncapi.json has it.
 */
export const readTopic = async (
  brokers: string,
  topic: string,
  done: (records: readonly TopicRecord[]) => boolean,
  timeoutMs = 60_000,
): Promise<TopicRecord[]> => {
  const consumer = new Consumer({
    groupId: `reader-${randomUUID()}`,
    clientId: 'independent-reader',
    bootstrapBrokers: brokers.split(','),
    maxWaitTime: 100,
  });
  const records: TopicRecord[] = [];
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', fallbackMode: 'fail', autocommit: false });
  const timer = setTimeout(
    () => stream.destroy(new Error(`${topic}: only ${records.length} records in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    for await (const message of stream) {
      const record = toRecord(message as Message);
      checkRecord(topic, record);
      records.push(record);
      if (done(records)) break;
    }
  } finally {
    clearTimeout(timer);
    await consumer.close(true);
  }
  return records;
};
