import type { Queryable } from '#event-store';
import { pause, untilDone } from './pause.js';

/** Each is a transaction with a sync of its own. */
const MOVE_EVERY_MS = 20;

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

  /** By partition: every record before that offset has its outcome or lies on the dead topic. Also how one is first entered. */
  async move(next: ReadonlyMap<number, number>): Promise<void> {
    await this.database.query(
      `insert into command_offsets (topic, partition, next) select $1, * from unnest($2::int[], $3::bigint[])
       on conflict (topic, partition) do update set next = excluded.next, moved_at = clock_timestamp()
       where command_offsets.next < excluded.next`,
      [this.topic, [...next.keys()], [...next.values()]],
    );
  }
}

/**
 * Moves the offsets behind what is handled, those of all partitions in one statement, and soon, not at once: what lies
 * between is delivered again after a crash, and finds its outcomes.
 */
export class OffsetMover {
  /** Why offsets are not moved yet; null while none wait for the database. */
  waitsFor: string | null = null;
  #reached = new Map<number, number>();
  #moving = false;

  constructor(
    private readonly offsets: Pick<Offsets, 'move'>,
    private readonly signal: AbortSignal,
    private readonly told: Readonly<{
      moved(next: ReadonlyMap<number, number>): void;
      /** The database is away; it is tried again. */
      waits(error: unknown): void;
      /** No move comes any more. */
      failed(error: unknown): void;
    }>,
  ) {}

  /** Every record of the partition before `next` is handled. */
  reach(partition: number, next: number): void {
    this.#reached.set(partition, next);
    if (this.#moving) return;
    this.#moving = true;
    this.#move().catch((error: unknown) => this.told.failed(error));
  }

  async #move(): Promise<void> {
    while (this.#reached.size > 0) {
      const next = this.#reached;
      this.#reached = new Map();
      await untilDone(
        () => this.offsets.move(next),
        (error) => this.#waits(error),
        this.signal,
      );
      this.waitsFor = null;
      this.told.moved(next);
      await pause(MOVE_EVERY_MS, this.signal);
    }
    this.#moving = false;
  }

  #waits(error: unknown): void {
    this.waitsFor = `Offsets are not moved yet: ${error instanceof Error ? error.message : String(error)}`;
    this.told.waits(error);
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
