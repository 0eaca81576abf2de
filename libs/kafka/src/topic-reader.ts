import type { IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { newId, within } from '#runtime';

const READ_MS = 20_000;

/** Low and high mark of each partition: its first offset and the one that the next record gets. */
export type Marks = ReadonlyMap<number, Readonly<{ low: number; high: number }>>;

/** Asks the broker for the marks of all partitions; throws kafkajs' errors. */
export async function marksOf(kafka: Kafka, topic: string): Promise<Marks> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const marks = await admin.fetchTopicOffsets(topic);
    return new Map(marks.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
  } finally {
    await admin.disconnect();
  }
}

/** The headers of the record before each offset, by partition; throws when they cannot be read within 20 seconds. */
export async function headersBefore(
  kafka: Kafka,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<Map<number, IHeaders>> {
  const found = new Map<number, IHeaders>();
  if (offsets.size === 0) return found;
  const groupId = `shiplog-look-${newId()}`;
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
  });
  const before = (message: KafkaMessage, partition: number): boolean =>
    Number(message.offset) < (offsets.get(partition) ?? 0);
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const all = new Promise<void>((resolve) => {
      const eachMessage = async ({
        partition,
        message,
      }: {
        partition: number;
        message: KafkaMessage;
      }): Promise<void> => {
        if (before(message, partition)) found.set(partition, message.headers ?? {});
        if (found.size === offsets.size) resolve();
      };
      void consumer.run({ autoCommit: false, eachMessage });
      for (const [partition, offset] of offsets) consumer.seek({ topic, partition, offset: String(offset - 1) });
    });
    await within(READ_MS, all);
    return found;
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await forget(kafka, groupId);
  }
}

async function forget(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin
    .connect()
    .then(() => admin.deleteGroups([groupId]))
    // An empty group ends by itself after a while.
    .catch(() => undefined)
    .finally(() => admin.disconnect());
}
