import type { Consumer, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { newId, within } from '#runtime';

/** For a new group to be made too, which takes a broker some seconds. */
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

type Told = { partition: number; message: KafkaMessage };

/**
 * The headers of the record at the offset before each of these, by partition. Where compaction, or a transaction's end,
 * left none there, the partition is left out, which takes `readMs` when nothing follows. Throws when the broker does not answer.
 */
export async function headersBefore(
  kafka: Kafka,
  topic: string,
  offsets: ReadonlyMap<number, number>,
  readMs = READ_MS,
): Promise<Map<number, IHeaders>> {
  const found = new Map<number, IHeaders>();
  if (offsets.size === 0) return found;
  const groupId = `shiplog-look-${newId()}`;
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: 100,
    allowAutoTopicCreation: false,
    // Begun anew by kafkajs it would have forgotten where to look: whoever asks is told, and asks again.
    retry: { retries: 0, restartOnFailure: async () => false },
  });
  const wanted = (partition: number): number => (offsets.get(partition) ?? 0) - 1;
  const open = new Set(offsets.keys());
  let answering = false;
  consumer.on(consumer.events.FETCH, () => void (answering = true));
  const failed = failureOf(consumer);
  try {
    await consumer.connect();
    // Of the partitions that nobody asks for nothing is read.
    await consumer.subscribe({ topic, fromBeginning: false });
    const all = new Promise<void>((resolve) => {
      const eachMessage = async ({ partition, message }: Told): Promise<void> => {
        if (Number(message.offset) < wanted(partition)) return;
        if (Number(message.offset) === wanted(partition)) found.set(partition, message.headers ?? {});
        open.delete(partition);
        if (open.size === 0) resolve();
      };
      // What goes wrong comes as a crash.
      consumer.run({ autoCommit: false, eachMessage }).catch(() => undefined);
      for (const [partition, offset] of offsets) consumer.seek({ topic, partition, offset: String(offset - 1) });
    });
    await Promise.race([
      failed,
      within(readMs, all).catch((late: unknown) => {
        if (!answering) throw late;
      }),
    ]);
    return found;
  } finally {
    await consumer.disconnect().catch(() => undefined);
    await forget(kafka, groupId);
  }
}

/** Rejects when the consumer does, and is nobody's fault before somebody waits for it. */
function failureOf(consumer: Consumer): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  failed.catch(() => undefined);
  return failed;
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
