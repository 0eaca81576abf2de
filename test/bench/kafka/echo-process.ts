import type { KafkaMessage, Message } from 'kafkajs';

import { serve } from '../frame/peer.js';
import { readRecords } from './records.js';
import { clientOf, sending } from './topics.js';

/** Commands whose records are sent in turn. */
const READY = 1_000;
/** kafkajs sorts the records of a send in time that grows with their square. */
const AT_ONCE = 500;

/** What the service published for one command. */
type Answer = Readonly<{ outcome: Message; events: readonly Message[] }>;
type Topics = Readonly<{ outcomes: string; events: string }>;

/**
 * kafkajs sending, for each record that it gets, what the service published for such a record, with no work between: the
 * outcome and the events lie ready in memory. 500 commands are one request. It keeps no offsets.
 */
const open = async (broker: string, from: string, outcomes: string, events: string) => {
  const kafka = clientOf(broker);
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: `${from}.echo` });
  let ready: readonly Answer[] = [];
  let next = 0;
  const answerTo = (): Answer => ready[(next += 1) % ready.length]!;
  const answer = async (messages: readonly KafkaMessage[]): Promise<void> => {
    const answers = messages.map(({ key }) => ({ key, ...answerTo() }));
    await producer.sendBatch({
      ...sending,
      topicMessages: [
        { topic: outcomes, messages: answers.map(({ key, outcome }) => ({ ...outcome, key })) },
        {
          topic: events,
          messages: answers.flatMap(({ key, events: own }) => own.map((event) => ({ ...event, key }))),
        },
      ],
    });
  };
  await Promise.all([producer.connect(), consumer.connect()]);
  return {
    /** Takes what the service published last into memory and answers with it from then on; tells the events of a command. */
    async begin(published: Topics): Promise<number> {
      ready = answersIn(await readRecords(kafka, published.outcomes), await readRecords(kafka, published.events));
      await consumer.subscribe({ topic: from, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        // Of several partitions at once: a send of the one goes out while the next batch of the other is decoded.
        partitionsConsumedConcurrently: 4,
        eachBatch: async ({ batch: { messages } }) => {
          for (let at = 0; at < messages.length; at += AT_ONCE) await answer(messages.slice(at, at + AT_ONCE));
        },
      });
      return Math.max(...ready.map((answer) => answer.events.length));
    },
    async close(): Promise<void> {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};

/** The newest outcomes, each with the events of its command. */
function answersIn(outcomes: readonly Message[], events: readonly Message[]): Answer[] {
  const newest = outcomes.slice(-READY).map((outcome) => [commandOf(outcome), outcome] as const);
  const eventsOf = new Map(newest.map(([command]) => [command, [] as Message[]]));
  for (const event of events) eventsOf.get(commandOf(event))?.push(event);
  return newest.map(([command, outcome]) => ({ outcome, events: eventsOf.get(command)! }));
}

const commandOf = ({ headers }: Message): string => String(headers?.['ce_causationid']);

export type EchoMethods = Omit<Awaited<ReturnType<typeof open>>, 'close'>;

serve((broker, from, outcomes, events) => open(broker!, from!, outcomes!, events!));
