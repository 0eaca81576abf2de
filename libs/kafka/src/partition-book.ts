import type { Offsets } from './offsets.js';
import { checkPartitions } from './topic-memory.js';
import type { Marks } from './topic-reader.js';

/**
 * `next` is the offset to handle next, `lag` how many records follow as far as is known; `reason` says why it waits for
 * the database or the broker, or is halted until a person acts.
 */
export type PartitionStatus = Readonly<{
  partition: number;
  next: number;
  lag: number;
  state: 'consuming' | 'waiting' | 'halted';
  reason: string | null;
}>;
type Page = { next: number; high: number; halted: string | null };

/** What can be told of a consumer while it runs. */
export type Wheel = Readonly<Record<'pause' | 'resume', (partition: number) => void>> &
  Readonly<{ seek(partition: number, offset: number): void }>;

/**
 * Where one consumer stands in its partitions. Postgres says where to go on; a fetch from anywhere else is turned back,
 * and an offset that the broker does not have (any more) halts its partition.
 */
export class PartitionBook {
  #pages = new Map<number, Page>();
  /** Where the consumer was last sent to, because it had fetched from elsewhere. */
  readonly #sent = new Map<number, number>();

  constructor(
    private readonly offsets: Offsets,
    private readonly marks: () => Promise<Marks>,
    private readonly options: { wheel: Wheel; partitions: number; halt: (reason: string) => void },
  ) {}

  status(): PartitionStatus[] {
    return [...this.#pages].map(([partition, { next, high, halted }]) => ({
      partition,
      next,
      lag: Math.max(0, high - next),
      state: halted === null ? 'consuming' : 'halted',
      reason: halted,
    }));
  }

  /** The group gave us these partitions: each goes on where Postgres says. */
  async assign(partitions: readonly number[]): Promise<void> {
    this.#sent.clear();
    this.#pages = new Map(
      partitions.map((partition) => [partition, this.#pages.get(partition) ?? { next: 0, high: 0, halted: null }]),
    );
    const marks = await this.marks();
    checkPartitions(this.offsets.topic, marks.size, this.options.partitions);
    for (const partition of partitions) {
      const next = await this.next(partition, marks);
      if (this.#check(partition, next, marks)) this.options.wheel.seek(partition, next);
    }
  }

  /** The offset to handle next; a partition that is new to us begins with the first record that it has. */
  async next(partition: number, known?: Marks): Promise<number> {
    const kept = (await this.offsets.read([partition])).get(partition);
    if (kept !== undefined) return kept;
    const low = (known ?? (await this.marks())).get(partition)?.low ?? 0;
    await this.offsets.move(partition, low);
    return low;
  }

  /**
   * Whether a batch that was fetched at this offset is the one that comes next. If not, the consumer is sent back, or
   * the partition halted. Where it was sent back already and comes from further on again, nothing but the markers of
   * transactions lies between.
   */
  async isNext(partition: number, fetchedAt: number, next: number): Promise<boolean> {
    if (fetchedAt === next) return true;
    if (!this.#check(partition, next, await this.marks())) return false;
    if (fetchedAt > next && this.#sent.get(partition) === next) return true;
    this.#sent.set(partition, next);
    this.options.wheel.seek(partition, next);
    return false;
  }

  moved(partition: number, next: number, high: number): void {
    this.#sent.delete(partition);
    this.stands(partition, next, high);
  }

  /** What is known of a partition that goes on, while its batch is under way too. */
  stands(partition: number, next: number, high: number): void {
    this.#pages.set(partition, { next, high, halted: null });
  }

  /** Looks again at what is halted: a person may have set its offset. */
  async lookAgain(): Promise<void> {
    const halted = [...this.#pages].filter(([, page]) => page.halted !== null).map(([partition]) => partition);
    if (halted.length > 0) await this.assign([...this.#pages.keys()]);
  }

  /** Halts the partition, or lets it go on, as the marks say. */
  #check(partition: number, next: number, marks: Marks): boolean {
    const { low, high } = marks.get(partition) ?? { low: 0, high: 0 };
    const halted = outsideMarks(`${this.offsets.topic}/${partition}`, { next, low, high });
    const before = this.#pages.get(partition)?.halted ?? null;
    this.#pages.set(partition, { next, high, halted });
    if (halted !== null && before === null) this.options.halt(halted);
    if (halted !== null) this.options.wheel.pause(partition);
    else if (before !== null) this.options.wheel.resume(partition);
    return halted === null;
  }
}

/** Why it cannot go on at `next`; null where it can. To reset it would skip or repeat what nobody has looked at. */
export function outsideMarks(
  place: string,
  { next, low, high }: { next: number; low: number; high: number },
): string | null {
  const goOn =
    'When that is understood, set its row in command_offsets, or start over with another KAFKA_TOPIC_PREFIX.';
  if (next < low)
    return `${place} begins at ${low} and ${next} is next: ${low - next} records are gone unread. ${goOn}`;
  if (next > high) return `${place} ends at ${high} and ${next} is next: it lost records, or is another topic. ${goOn}`;
  return null;
}
