import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { topicEnds } from '../../support/topic.js';
import { until } from '../../support/until.js';

const WITHIN_MS = 120_000;

/** When the broker took the record at a place of a topic, in milliseconds since 1970. */
export type TakenAt = (topic: string, partition: number, offset: number) => number | undefined;

/**
 * Reads from each record of some topics when the broker took it. The client that reads all else tells the clock of whoever sent
 * it, hours off, though the topic goes by the broker's; what the records say is read by that one alone.
 */
export async function readTimes(brokers: string, topics: readonly string[]): Promise<TakenAt> {
  const missing = new Map<string, number>();
  for (const topic of topics)
    for (const [partition, end] of await topicEnds(brokers, topic)) missing.set(`${topic}/${partition}`, end);
  const times = new Map<string, number>();
  if (missing.size > 0) await readAll({ brokers, topics, missing, times });
  return (topic, partition, offset) => times.get(`${topic}/${partition}/${offset}`);
}

type Reading = Readonly<{
  brokers: string;
  topics: readonly string[];
  /** Where each partition ends that was not read to there yet. */
  missing: Map<string, number>;
  times: Map<string, number>;
}>;

async function readAll({ brokers, topics, missing, times }: Reading): Promise<void> {
  const kafka = new Kafka({ clientId: 'times', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `times-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { topic, partition, messages } }) => {
      const place = `${topic}/${partition}`;
      for (const { offset, timestamp } of messages) times.set(`${place}/${offset}`, Number(timestamp));
      if (Number(messages.at(-1)?.offset ?? 0) + 1 >= (missing.get(place) ?? Infinity)) missing.delete(place);
    },
  });
  await until(
    () => missing.size === 0,
    () => [...missing.keys()],
    WITHIN_MS,
  ).finally(() => consumer.disconnect());
}
