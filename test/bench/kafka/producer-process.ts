import type { Message } from 'kafkajs';

import { serve } from '../frame/peer.js';
import { readRecords } from './records.js';
import { clientOf, sending } from './topics.js';

/** As many as the relay sends at once. */
const AT_ONCE = 1_000;

/** kafkajs sending records that lie ready in memory, a producer for each topic. */
const open = async (broker: string) => {
  const kafka = clientOf(broker);
  const copies: Message[][] = [];

  const send = async (topic: string, messages: readonly Message[]): Promise<void> => {
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    for (let at = 0; at < messages.length; at += AT_ONCE)
      await producer.send({ ...sending, topic, messages: messages.slice(at, at + AT_ONCE) });
    await producer.disconnect();
  };

  return {
    /** Takes the records of topics into memory. */
    async read(topics: readonly string[]): Promise<void> {
      for (const topic of topics) copies.push(await readRecords(kafka, topic));
    },
    /** Sends them to other topics at once, in the same order; answers the seconds. */
    async send(topics: readonly string[]): Promise<number> {
      const began = performance.now();
      await Promise.all(copies.map((messages, index) => send(topics[index]!, messages)));
      return (performance.now() - began) / 1_000;
    },
    close: async (): Promise<void> => undefined,
  };
};

export type ProducerMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((broker) => open(broker!));
