import type { Kafka, Message } from 'kafkajs';

export type Read = Readonly<{ topic: string; records: number }>;

/** The first records of a topic, as they would be sent again. */
export async function readRecords(kafka: Kafka, { topic, records }: Read): Promise<Message[]> {
  const consumer = kafka.consumer({ groupId: `${topic}.copy` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const messages: Message[] = [];
  await new Promise<void>((resolve, reject) => {
    const run = consumer.run({
      eachMessage: async ({ message: { key, value, headers = {} } }) => {
        messages.push({ key, value, headers });
        if (messages.length === records) resolve();
      },
    });
    run.catch(reject);
  });
  await consumer.disconnect();
  return messages;
}
