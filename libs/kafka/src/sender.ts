import type { ICustomPartitioner, Kafka, Message, Producer } from 'kafkajs';
import { within } from '#runtime';
import { compressed } from './compressed.js';
import { METADATA_MAX_AGE_MS } from './kafka-client.js';
import { murmur2 } from './murmur2.js';
import { READY_MADE, ReadyMade } from './ready-made.js';
import { RecordSet } from './record-set.js';
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
  #keyless = 0;
  /** By partition, those of the last send: their room is used again. */
  readonly #sets = new Map<number, RecordSet>();

  constructor(
    private readonly kafka: Kafka,
    private readonly partitions: Partitions,
  ) {}

  /** One attempt; answers where the records lie, by partition. `Halted` when the topic changed its partitions. */
  async send(topic: string, messages: readonly Message[]): Promise<ReadonlyMap<number, Placed>> {
    if (this.#busy) throw new Error('Two sends at once on one producer may lose records');
    this.#busy = true;
    const readyMade = new ReadyMade();
    try {
      const sets = this.#setsOf(topic, messages);
      const standIns = await Promise.all(
        [...sets].map(async ([partition, { bytes, count }]) =>
          readyMade.standInsFor(partition, count, await compressed(bytes)),
        ),
      );
      const producer = await this.#connected();
      const acks = await producer.send({
        topic,
        messages: standIns.flat(),
        acks: ALL_REPLICAS,
        compression: READY_MADE,
      });
      return placedBy(acks, sets);
    } catch (error) {
      await this.#discard();
      throw error;
    } finally {
      readyMade.end();
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

  readonly #guard: ReturnType<ICustomPartitioner> = ({ topic, partitionMetadata, message }) => {
    checkPartitions(topic, partitionMetadata.length, this.#countOf(topic));
    return message.partition!;
  };

  #setsOf(topic: string, messages: readonly Message[]): Map<number, RecordSet> {
    const count = this.#countOf(topic);
    for (const set of this.#sets.values()) set.clear();
    const sets = new Map<number, RecordSet>();
    for (const message of messages) {
      const partition = this.#partitionOf(message.key, count);
      const set = this.#sets.get(partition) ?? new RecordSet();
      set.add(message);
      sets.set(partition, set);
      this.#sets.set(partition, set);
    }
    return sets;
  }

  /** As Kafka's own producers choose it; records without a key go round. */
  #partitionOf(key: Message['key'], count: number): number {
    if (key == null) return (this.#keyless += 1) % count;
    return (murmur2(Buffer.from(key)) & 0x7fffffff) % count;
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

const placedBy = (
  acks: ReadonlyArray<{ partition: number; baseOffset?: string }>,
  sets: ReadonlyMap<number, RecordSet>,
): Map<number, Placed> =>
  new Map(
    acks.map(({ partition, baseOffset }) => {
      const base = Number(baseOffset ?? 0);
      return [partition, { base, end: base + (sets.get(partition)?.count ?? 0) }];
    }),
  );
