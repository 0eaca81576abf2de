import type { Queryable } from '#event-store';

/**
 * Where the inbox goes on in each partition of its topic. Kept in Postgres beside the outcomes, because a broker's own
 * offsets may be reset behind our back; they only ever move forward.
 */
export class Offsets {
  constructor(
    private readonly database: Queryable,
    readonly topic: string,
  ) {}

  /** The offset to handle next, by partition; partitions never seen are left out. */
  async read(partitions: readonly number[]): Promise<Map<number, number>> {
    const { rows } = await this.database.query(
      'select partition, next from command_offsets where topic = $1 and partition = any($2::int[])',
      [this.topic, partitions],
    );
    return new Map(rows.map(({ partition, next }: { partition: number; next: number }) => [partition, next]));
  }

  /** Every record before `next` has its outcome or lies on the dead topic. Also how a partition is first entered. */
  async move(partition: number, next: number): Promise<void> {
    await this.database.query(
      `insert into command_offsets (topic, partition, next) values ($1, $2, $3)
       on conflict (topic, partition) do update set next = excluded.next, moved_at = clock_timestamp()
       where command_offsets.next < excluded.next`,
      [this.topic, partition, next],
    );
  }
}

/**
 * The offset to go on from: behind the batch when all of it is handled, else at its first record that is not. `end` may
 * lie further than the last record, behind markers of transactions.
 */
export function nextOffset(offsets: readonly number[], handled: readonly boolean[], end: number): number {
  const first = offsets.findIndex((_, i) => !handled[i]);
  return first === -1 ? end : offsets[first]!;
}
