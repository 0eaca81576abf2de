import type { Kafka, Message } from 'kafkajs';

/** All records that a topic has now, as they would be sent again; of one key in their order. */
export async function readRecords(kafka: Kafka, topic: string): Promise<Message[]> {
  const wanted = await recordsOn(kafka, topic);
  const consumer = kafka.consumer({ groupId: `${topic}.copy` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const messages: Message[] = [];
  await new Promise<void>((resolve, reject) => {
    const run = consumer.run({
      eachMessage: async ({ message: { key, value, headers = {} } }) => {
        messages.push({ key, value, headers });
        if (messages.length === wanted) resolve();
      },
    });
    run.catch(reject);
  });
  await consumer.disconnect();
  return messages;
}

async function recordsOn(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}
