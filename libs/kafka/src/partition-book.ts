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
type Page = Readonly<{
  next: number;
  high: number;
  halted: string | null;
  /** Where the next batch begins; null until Postgres was asked. Those under way lie between `next` and here. */
  reading: number | null;
}>;

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
    this.#pages = new Map(partitions.map((partition) => [partition, { ...this.#pageOf(partition), reading: null }]));
    await this.#goOn(partitions);
  }

  async #goOn(partitions: readonly number[]): Promise<void> {
    const marks = await this.marks();
    checkPartitions(this.offsets.topic, marks.size, this.options.partitions);
    const kept = await this.offsets.read(partitions);
    for (const partition of partitions) {
      const next = kept.get(partition) ?? (await this.#enter(partition, marks));
      // A batch may have come before the answer.
      if (this.#pageOf(partition).reading !== null) continue;
      if (this.#check(partition, next, marks)) this.#seek(partition, next);
    }
  }

  /** Where the next batch begins: behind those that were taken in, or where Postgres says. */
  async next(partition: number): Promise<number> {
    const { reading } = this.#pageOf(partition);
    if (reading !== null) return reading;
    const kept = (await this.offsets.read([partition])).get(partition);
    return kept ?? this.#enter(partition, await this.marks());
  }

  /** A partition that is new to us begins with the first record that it has. */
  async #enter(partition: number, marks: Marks): Promise<number> {
    const low = marks.get(partition)?.low ?? 0;
    await this.offsets.move(new Map([[partition, low]]));
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
    this.#seek(partition, next);
    return false;
  }

  /** A batch says where the partition ends. */
  sees(partition: number, high: number): void {
    this.#note(partition, { high });
  }

  /** The batches before `reading` were taken in. */
  taken(partition: number, reading: number): void {
    this.#sent.delete(partition);
    this.#note(partition, { reading, halted: null });
  }

  /** Postgres has these offsets now. */
  moved(next: ReadonlyMap<number, number>): void {
    for (const [partition, reached] of next)
      this.#note(partition, { next: Math.max(reached, this.#pageOf(partition).next) });
  }

  /** Looks again at what is halted: a person may have set its offset. */
  async lookAgain(): Promise<void> {
    const halted = [...this.#pages].filter(([, page]) => page.halted !== null).map(([partition]) => partition);
    if (halted.length > 0) await this.#goOn(halted);
  }

  #seek(partition: number, offset: number): void {
    this.#note(partition, { reading: offset });
    this.options.wheel.seek(partition, offset);
  }

  /** Of a partition that is ours. */
  #note(partition: number, news: Partial<Page>): void {
    const page = this.#pages.get(partition);
    if (page) this.#pages.set(partition, { ...page, ...news });
  }

  #pageOf(partition: number): Page {
    return this.#pages.get(partition) ?? { next: 0, high: 0, halted: null, reading: null };
  }

  /** Halts the partition, or lets it go on, as the marks say. */
  #check(partition: number, next: number, marks: Marks): boolean {
    const { low, high } = marks.get(partition) ?? { low: 0, high: 0 };
    const halted = outsideMarks(`${this.offsets.topic}/${partition}`, { next, low, high });
    const { halted: before, reading, next: kept } = this.#pageOf(partition);
    this.#pages.set(
      partition,
      reading === null
        ? { next, high, halted, reading }
        : { next: kept, high, halted, reading: halted === null ? reading : null },
    );
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
