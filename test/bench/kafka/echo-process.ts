import type { Message } from 'kafkajs';

import { serve } from '../frame/peer.js';
import { readRecords, type Read } from './records.js';
import { clientOf, sending } from './topics.js';

/**
 * kafkajs sending one record for each that it gets to another topic, a batch at a time, with no work between. What it sends
 * lies ready: outcomes that the service wrote. It keeps no offsets.
 */
const open = async (broker: string, from: string, to: string) => {
  const kafka = clientOf(broker);
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: `${from}.echo` });
  let ready: readonly Message[] = [];
  let next = 0;
  const answerTo = (): Message => ready[(next += 1) % ready.length]!;
  await Promise.all([producer.connect(), consumer.connect()]);
  return {
    /** Takes outcomes into memory, and answers each record with one of them from then on. */
    async begin(outcomes: Read): Promise<void> {
      ready = await readRecords(kafka, outcomes);
      await consumer.subscribe({ topic: from, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        // Of several partitions at once: a send of the one goes out while the next batch of the other is decoded.
        partitionsConsumedConcurrently: 4,
        eachBatch: async ({ batch: { messages } }) => {
          await producer.send({ ...sending, topic: to, messages: messages.map(({ key }) => ({ ...answerTo(), key })) });
        },
      });
    },
    async close(): Promise<void> {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};

export type EchoMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((broker, from, to) => open(broker!, from!, to!));
