import kafkajs, { type Kafka, type Message, type PartitionMetadata, type Producer } from 'kafkajs';
import { within } from '#runtime';
import { METADATA_MAX_AGE_MS } from './kafka-client.js';
import { checkPartitions, type Partitions } from './topic-memory.js';

const DISCONNECT_MS = 5_000;
const ALL_REPLICAS = -1;

/** Where the records of one send lie in a partition: from `base` up to, not including, `end`. */
export type Placed = Readonly<{ base: number; end: number }>;

/**
 * Sends one batch at a time and waits for all replicas. A producer that failed is thrown away: what became of its
 * records is unknown, and only the same records again on a new one keep the order (kafkajs loses some otherwise).
 */
export class Sender {
  #producer: Producer | undefined;
  #busy = false;
  readonly #choose = kafkajs.Partitioners.DefaultPartitioner();
  readonly #metadata = new Map<string, PartitionMetadata[]>();

  constructor(
    private readonly kafka: Kafka,
    private readonly partitions: Partitions,
  ) {}

  /** One attempt; answers where the records lie, by partition. `Halted` when the topic changed its partitions. */
  async send(topic: string, messages: readonly Message[]): Promise<ReadonlyMap<number, Placed>> {
    if (this.#busy) throw new Error('Two sends at once on one producer may lose records');
    this.#busy = true;
    try {
      const placed = messages.map((message) => ({ ...message, partition: this.#partitionOf(topic, message) }));
      const producer = await this.#connected();
      const acks = await producer.send({
        topic,
        messages: placed,
        acks: ALL_REPLICAS,
        compression: kafkajs.CompressionTypes.GZIP,
      });
      return placedBy(acks, placed);
    } catch (error) {
      await this.#discard();
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  async close(): Promise<void> {
    await this.#discard();
  }

  async #connected(): Promise<Producer> {
    if (!this.#producer) {
      this.#producer = this.kafka.producer({
        createPartitioner: () => this.#guard,
        allowAutoTopicCreation: false,
        metadataMaxAge: METADATA_MAX_AGE_MS,
        retry: { retries: 0 },
      });
      await this.#producer.connect();
    }
    return this.#producer;
  }

  readonly #guard: ReturnType<typeof kafkajs.Partitioners.DefaultPartitioner> = ({
    topic,
    partitionMetadata,
    message,
  }) => {
    checkPartitions(topic, partitionMetadata.length, this.#countOf(topic));
    return message.partition!;
  };

  #partitionOf(topic: string, message: Message): number {
    let partitionMetadata = this.#metadata.get(topic);
    if (!partitionMetadata) {
      partitionMetadata = Array.from({ length: this.#countOf(topic) }, (_, partitionId) => ({
        ...LIKE_ANY,
        partitionId,
      }));
      this.#metadata.set(topic, partitionMetadata);
    }
    return this.#choose({ topic, partitionMetadata, message });
  }

  #countOf(topic: string): number {
    const count = this.partitions.get(topic);
    if (count === undefined) throw new Error(`Nobody looked how many partitions ${topic} has`);
    return count;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    // It may wait for a broker that is gone.
    if (producer) await within(DISCONNECT_MS, producer.disconnect()).catch(() => undefined);
  }
}

/** The broker takes no batch of this size; kafkajs wraps what it said. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as { type?: string }).type === 'MESSAGE_TOO_LARGE' || (error.cause !== error && isTooLarge(error.cause)));

const LIKE_ANY = { partitionErrorCode: 0, leader: 0, replicas: [], isr: [] };

function placedBy(
  acks: ReadonlyArray<{ partition: number; baseOffset?: string }>,
  messages: ReadonlyArray<{ partition: number }>,
): Map<number, Placed> {
  const counts = new Map<number, number>();
  for (const { partition } of messages) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  return new Map(
    acks.map(({ partition, baseOffset }) => {
      const base = Number(baseOffset ?? 0);
      return [partition, { base, end: base + (counts.get(partition) ?? 0) }];
    }),
  );
}
