import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { marksOf, murmur2, Sender } from '#kafka/testing';
import { until } from '../../../support/until.js';
import { Reader, resolved, type Handler } from './reader.js';
import { memorySide, realSide, type Side } from './sides.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
/** What each promise of Kafka is held against: the broker of the test run, and that of the simulation. */
export const sides = [
  ...(brokers ? [{ name: 'Kafka', open: () => realSide(brokers) }] : []),
  { name: 'Kafka in memory', open: memorySide },
];

/** Of a topic that nobody made. */
export const newTopic = (): string => `contract-${randomUUID()}`;

/** A key of this partition, of so many. */
export const keyTo = (partition: number, of: number): string => {
  for (let i = 0; ; i += 1) {
    const key = `key-${i}`;
    if ((murmur2(Buffer.from(key)) & 0x7fffffff) % of === partition) return key;
  }
};

export const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i);

/** What the broker said, behind what kafkajs made of it. */
export const typeOf = (error: unknown): unknown => {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return type ?? (cause === undefined || cause === error ? undefined : typeOf(cause));
};

export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Topics of one side, and who sends to them and reads them in a test. */
export class Stage {
  readonly #senders: Sender[] = [];
  readonly #readers: Reader[] = [];

  constructor(readonly side: Side) {}

  async made(partitions = 1): Promise<string> {
    const topic = newTopic();
    await this.side.make(topic, partitions);
    return topic;
  }

  /** A topic of one partition with so many records, sent in so many sends. */
  async filled(count: number, sends = 1): Promise<string> {
    const topic = await this.made();
    const sender = this.sender(topic);
    const messages: Message[] = upTo(count / sends).map((i) => ({ key: 'k', value: String(i) }));
    for (let sent = 0; sent < sends; sent += 1) await sender.send(topic, messages);
    return topic;
  }

  sender(topic: string, partitions = 1): Sender {
    const sender = new Sender(this.side.client(), new Map([[topic, partitions]]));
    this.#senders.push(sender);
    return sender;
  }

  async marks(topic: string): Promise<object> {
    return Object.fromEntries(await marksOf(this.side.client(), topic));
  }

  /** One that reads from now on, alone where it is given no group. */
  read(topic: string, handler: Handler = resolved, group: string = randomUUID()): Reader {
    return this.reader(topic, handler, group).start();
  }

  reader(topic: string, handler: Handler = resolved, group: string = randomUUID()): Reader {
    const reader = new Reader(this.side, { topic, handler, group });
    this.#readers.push(reader);
    return reader;
  }

  /** The offsets that came to a reader of a partition, as soon as they are so many. */
  given(reader: Reader, count: number, partition = 0): Promise<number[]> {
    return until(
      () => reader.offsets(partition).length >= count && reader.offsets(partition),
      () => [reader.batches, reader.assignments, String(reader.error)],
    );
  }

  async clear(): Promise<void> {
    await Promise.all(this.#readers.splice(0).map((reader) => reader.stop()));
    await Promise.all(this.#senders.splice(0).map((sender) => sender.close()));
  }
}
