import { gunzipSync } from 'node:zlib';
import kafkajs, { type Kafka, type Message, type ProducerRecord } from 'kafkajs';
import { newLine } from '../weather.js';
import type { NewRecord } from './broker.js';
import { MemoryConsumer } from './consumer.js';
import type { KafkaParts } from './parts.js';
import { recordsIn } from './record-bytes.js';

type Sent = Readonly<{ partition: number; records: readonly NewRecord[] }>;
type Guard = (input: { topic: string; partitionMetadata: object[]; message: Message }) => number;
type ProducerOptions = Readonly<{ createPartitioner: () => Guard }>;

/** Where kafkajs puts the value of the first stand-in, as the product's codec looks for it. */
const VALUE_AT = 6;

/** The real records behind stand-ins, as the codec of the product answers them. */
const unpacked = async (standIn: Message, compression: number): Promise<readonly NewRecord[]> => {
  const codecs = kafkajs.CompressionCodecs as unknown as Record<
    number,
    () => { compress: (e: object) => Promise<Buffer> }
  >;
  const buffer = Buffer.concat([Buffer.alloc(VALUE_AT), standIn.value as Buffer]);
  return recordsIn(gunzipSync(await codecs[compression]!().compress({ buffer })));
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
    const partitionMetadata = broker.topics.get(topic) ?? [];
    const guard = this.options.createPartitioner();
    const firsts = new Map<number, Message>();
    for (const message of messages) {
      const partition = guard({ topic, partitionMetadata, message });
      if (!firsts.has(partition)) firsts.set(partition, message);
    }
    const sent: Sent[] = [];
    for (const [partition, message] of firsts)
      sent.push({ partition, records: await unpacked(message, Number(compression)) });
    return link.call(
      `send ${topic}`,
      () => {
        const isTorn = sent.length > 1 && kernel.chance(this.parts.tears());
        const taken = isTorn ? sent.filter(() => kernel.chance(0.5)) : sent;
        const acks = taken.map(({ partition, records }) => ({
          ...{ topicName: topic, partition, errorCode: 0 },
          baseOffset: String(broker.append(topic, partition, records)),
        }));
        if (isTorn)
          throw Object.assign(new Error('Not every partition took its records'), { name: 'KafkaJSProtocolError' });
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
    consumer: ({ groupId }: { groupId: string }) => new MemoryConsumer(parts, groupId),
    admin: () => admin,
  };
  return kafka as unknown as Kafka;
};
