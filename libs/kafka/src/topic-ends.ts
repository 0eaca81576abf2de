import type { Queryable } from '#event-store';
import type { Placed } from './sender.js';

/** Partitions whose acknowledged records are gone from this offset on. */
export type LostTails = ReadonlyMap<number, number>;

/**
 * How far each partition of a topic reached when the broker last acknowledged something. A broker that shows less, or
 * puts a new record below, has lost records that it had acknowledged.
 */
export class TopicEnds {
  private constructor(
    private readonly database: Queryable,
    private readonly topic: string,
    private readonly ends: Map<number, number>,
  ) {}

  static async load(database: Queryable, topic: string): Promise<TopicEnds> {
    const { rows } = await database.query('select partition, next from topic_ends where topic = $1', [topic]);
    return new TopicEnds(database, topic, new Map(rows.map(({ partition, next }) => [partition, next])));
  }

  /** The partitions that now end below what was acknowledged, `ends` being what the broker says. */
  lostAt(ends: ReadonlyMap<number, number>): LostTails {
    return new Map([...ends].filter(([partition, end]) => end < (this.ends.get(partition) ?? 0)));
  }

  /** Where the partitions end that have more than was acknowledged to us, as far as that was kept. */
  exceededBy(ends: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
    return new Map([...ends].filter(([partition, end]) => end > (this.ends.get(partition) ?? 0)));
  }

  /** The partitions in which acknowledged records were overwritten by this send. */
  lostBy(placed: ReadonlyMap<number, Placed>): LostTails {
    return this.lostAt(new Map([...placed].map(([partition, { base }]) => [partition, base])));
  }

  /** These partitions end there now; `keep` is still to come. */
  reach(ends: ReadonlyMap<number, number>): void {
    for (const [partition, end] of ends) this.ends.set(partition, end);
  }

  /** Remembers that these partitions reach so far at least: one that published meanwhile in our place may know of more. */
  async keep(ends: ReadonlyMap<number, number>): Promise<void> {
    await this.#write(ends, 'greatest(topic_ends.next, excluded.next)');
  }

  /** Remembers where these partitions end now that the broker has lost some of what it had acknowledged. */
  async keepLost(ends: ReadonlyMap<number, number>): Promise<void> {
    await this.#write(ends, 'excluded.next');
    this.reach(ends);
  }

  async #write(ends: ReadonlyMap<number, number>, next: string): Promise<void> {
    if (ends.size === 0) return;
    await this.database.query(
      `insert into topic_ends (topic, partition, next) select $1, * from unnest($2::int[], $3::bigint[])
       on conflict (topic, partition) do update set next = ${next}`,
      [this.topic, [...ends.keys()], [...ends.values()]],
    );
  }
}
