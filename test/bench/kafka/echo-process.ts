import { serve } from '../frame/peer.js';
import { clientOf, sending } from './topics.js';

/** kafkajs sending each record that it gets to another topic, a batch at a time, with no work between. It keeps no offsets. */
const open = async (broker: string, from: string, to: string) => {
  const kafka = clientOf(broker);
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: `${from}.echo` });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: from, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    // Of several partitions at once: a send of the one goes out while the next batch of the other is decoded.
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch: { messages } }) => {
      await producer.send({ ...sending, topic: to, messages: messages.map(({ key, value }) => ({ key, value })) });
    },
  });
  return {
    async close(): Promise<void> {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};

serve((broker, from, to) => open(broker!, from!, to!));
