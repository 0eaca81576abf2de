import type { Queryable } from '#event-store';
import { Halted } from './halted.js';

/** Number of partitions by topic. */
export type Partitions = ReadonlyMap<string, number>;

/** Throws `Halted` when a topic has another number of partitions than it had: its keys would move to other partitions. */
export function checkPartitions(topic: string, now: number, then: number): void {
  if (now === then) return;
  throw new Halted(
    `Topic ${topic} has ${now} partitions and had ${then}: keys would change partition, and order per key be lost. ` +
      `Give it ${then} again, or start over with another KAFKA_TOPIC_PREFIX.`,
  );
}

/** How long the topics are taken to be as they were seen last, in milliseconds. */
const SEEN_MS = 30_000;

/** Makes sure of the topics, and holds them against what they were when this store first used them. */
export class TopicMemory {
  #partitions: Promise<Partitions> | undefined;
  #seen = 0;

  constructor(
    private readonly database: Queryable,
    private readonly ensure: () => Promise<Partitions>,
  ) {}

  /** The topics are there, made again where they were deleted; answers how many partitions each has. Fails while no broker answers. */
  ready(): Promise<Partitions> {
    if (performance.now() > this.#seen + SEEN_MS) this.#partitions = undefined;
    this.#partitions ??= this.#look();
    return this.#partitions;
  }

  async #look(): Promise<Partitions> {
    this.#seen = Infinity;
    try {
      const partitions = await this.ensure();
      this.#seen = performance.now();
      return partitions;
    } catch (error) {
      this.#seen = -Infinity;
      throw error;
    }
  }

  /** Throws `Halted` when the topic had another number of partitions, or was used by another store, before. */
  async remember(topic: string, storeId: string): Promise<void> {
    const partitions = (await this.ready()).get(topic) ?? 0;
    await this.database.query(
      'insert into kafka_topics (topic, partitions, store_id) values ($1, $2, $3) on conflict (topic) do nothing',
      [topic, partitions, storeId],
    );
    const { rows } = await this.database.query('select partitions, store_id from kafka_topics where topic = $1', [
      topic,
    ]);
    checkPartitions(topic, partitions, rows[0].partitions);
    if (rows[0].store_id !== storeId) {
      throw new Halted(
        `Topic ${topic} belongs to store ${rows[0].store_id}, and this is store ${storeId}. ` +
          'Connect the right database, or start over with another KAFKA_TOPIC_PREFIX.',
      );
    }
  }
}
