import { gunzipSync } from 'node:zlib';
import kafkajs, { type Kafka, type Message, type ProducerRecord } from 'kafkajs';
import { newLine } from '../weather.js';
import { protocolError, type NewRecord } from './broker.js';
import { MemoryConsumer, type ConsumerOptions } from './consumer.js';
import type { KafkaParts } from './parts.js';
import { recordsIn } from './record-bytes.js';

type Sent = Readonly<{ partition: number; records: readonly NewRecord[]; isTooLarge: boolean }>;
type Guard = (input: { topic: string; partitionMetadata: object[]; message: Message }) => number;
type ProducerOptions = Readonly<{ createPartitioner: () => Guard }>;

/** Where kafkajs puts the value of the first stand-in, as the product's codec looks for it. */
const VALUE_AT = 6;

/** What a topic takes in one batch unless it is told otherwise, and what a batch has beside its records. */
const MOST_BYTES = 1_048_588;
const BATCH_BYTES = 61;

/** The real records behind stand-ins, as the codec of the product answers them. */
const packed = async (standIn: Message, compression: number): Promise<Buffer> => {
  const codecs = kafkajs.CompressionCodecs as unknown as Record<
    number,
    () => { compress: (e: object) => Promise<Buffer> }
  >;
  const buffer = Buffer.concat([Buffer.alloc(VALUE_AT), standIn.value as Buffer]);
  return codecs[compression]!().compress({ buffer });
};

class MemoryProducer {
  readonly #line = newLine();
  #isConnected = false;

  constructor(
    private readonly parts: KafkaParts,
    private readonly options: ProducerOptions,
  ) {}

  async connect(): Promise<void> {
    await this.parts.link.call('producer connect', () => undefined);
    this.#isConnected = true;
  }

  async send({ topic, messages, compression }: ProducerRecord): Promise<object[]> {
    if (!this.#isConnected) throw new Error('The producer is disconnected');
    const { broker, kernel, link } = this.parts;
    const partitionMetadata = [...broker.partitions(topic)];
    const guard = this.options.createPartitioner();
    const firsts = new Map<number, Message>();
    for (const message of messages) {
      const partition = guard({ topic, partitionMetadata, message });
      if (!firsts.has(partition)) firsts.set(partition, message);
    }
    const sent: Sent[] = [];
    for (const [partition, message] of firsts) {
      const bytes = await packed(message, Number(compression));
      const isTooLarge = BATCH_BYTES + bytes.length > MOST_BYTES;
      sent.push({ partition, records: isTooLarge ? [] : recordsIn(gunzipSync(bytes)), isTooLarge });
    }
    return link.call(
      `send ${topic}`,
      () => {
        const isTorn = sent.length > 1 && kernel.chance(this.parts.tears());
        const taken = isTorn ? sent.filter(() => kernel.chance(0.5)) : sent;
        const acks = taken
          .filter(({ isTooLarge }) => !isTooLarge)
          .map(({ partition, records }) => ({
            ...{ topicName: topic, partition, errorCode: 0 },
            baseOffset: String(broker.append(topic, partition, records)),
          }));
        if (taken.some(({ isTooLarge }) => isTooLarge))
          throw protocolError('MESSAGE_TOO_LARGE', 'The request included a message larger than the max message size');
        if (isTorn) throw protocolError('NOT_ENOUGH_REPLICAS', 'Not every partition took its records');
        return acks;
      },
      this.#line,
    );
  }

  async disconnect(): Promise<void> {
    this.#isConnected = false;
  }
}

/** What the product asks of kafkajs, from a broker in memory. */
export const memoryKafka = (parts: KafkaParts): Kafka => {
  const { broker, link } = parts;
  const admin = {
    connect: () => link.call('admin connect', () => undefined),
    disconnect: async () => undefined,
    deleteGroups: () => link.call('delete groups', () => []),
    fetchTopicOffsets: (topic: string) =>
      link.call('topic offsets', () =>
        broker.marks(topic).map(({ partition, low, high }) => ({
          ...{ partition, offset: String(high), low: String(low), high: String(high) },
        })),
      ),
  };
  const kafka = {
    producer: (options: ProducerOptions) => new MemoryProducer(parts, options),
    consumer: (options: ConsumerOptions) => new MemoryConsumer(parts, options),
    admin: () => admin,
  };
  return kafka as unknown as Kafka;
};
