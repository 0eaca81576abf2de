import { setTimeout as sleep } from 'node:timers/promises';

import { createPool, EventStore } from '#event-store';
import { ensureTopics, Relay, TopicMemory, topicNames } from '#kafka';
import { createLogger } from '#runtime';

import { serve } from '../frame/peer.js';
import { clientOf } from './topics.js';

const LOOK_EVERY_MS = 2;

/** The relay of the service and nothing else. */
const open = async (connectionString: string, broker: string) => {
  const log = createLogger({ level: 'warn' });
  const store = await EventStore.open({ connectionString });
  const database = createPool({ connectionString, max: 4 });
  return {
    /** Publishes the whole log and all outcomes under a new prefix; answers how many there were, and the seconds. */
    async publish(prefix: string): Promise<Readonly<{ events: number; outcomes: number; seconds: number }>> {
      const kafka = clientOf(broker);
      const topics = new TopicMemory(database, () => ensureTopics(kafka, prefix));
      await topics.ready();
      const { position, seq } = await store.head();
      const relay = new Relay(store, topicNames(prefix), { kafka, topics, database, log });
      const began = performance.now();
      relay.start();
      for (let { events, outcomes } = relay.status(); events.position < position || outcomes.position < seq;) {
        await sleep(LOOK_EVERY_MS);
        ({ events, outcomes } = relay.status());
      }
      const seconds = (performance.now() - began) / 1_000;
      await relay.stop();
      return { events: position, outcomes: seq, seconds };
    },
    async close(): Promise<void> {
      await store.close();
      await database.end();
    },
  };
};

export type RelayMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((connectionString, broker) => open(connectionString!, broker!));
