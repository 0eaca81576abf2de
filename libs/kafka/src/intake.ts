import { setMaxListeners } from 'node:events';
import type { Batch, EachBatchPayload } from 'kafkajs';
import { withHeartbeats } from './consumer-session.js';
import { BatchWork, type HandlerParts } from './handle-batch.js';
import { nextOffset, OffsetMover, type Offsets } from './offsets.js';
import type { PartitionBook, PartitionStatus } from './partition-book.js';
import { untilDone } from './pause.js';
import { UnderWay } from './under-way.js';

/** A batch that takes longer waits for something. */
const LONG_MS = 2_000;

export type IntakeParts = Omit<HandlerParts, 'post'> &
  Readonly<{
    book: PartitionBook;
    offsets: Offsets;
    post(letters: Parameters<HandlerParts['post']>[0], signal: AbortSignal): Promise<void>;
    /** So many records are handled. */
    handled(records: number): void;
    /** The consumer cannot go on: what is under way has to be delivered again. */
    failed(error: unknown): void;
  }>;

/** A batch whose offset is not moved yet. */
type Turn = {
  readonly partition: number;
  readonly began: number;
  /** Its records' offsets; what follows it begins at `end`, behind markers of transactions. */
  readonly offsets: readonly number[];
  readonly end: number;
  work?: BatchWork;
  waitsFor?: string;
};

/** What one consumer takes in, from the batch that comes to the offset that is moved behind it. */
export class Intake {
  readonly #leaving = new AbortController();
  readonly #turns = new Set<Turn>();
  readonly #underWay = new UnderWay();
  readonly #mover: OffsetMover;

  constructor(private readonly parts: IntakeParts) {
    // As many as there are partitions, and the batches of each.
    setMaxListeners(0, this.#leaving.signal);
    this.#mover = new OffsetMover(parts.offsets, this.#leaving.signal, {
      moved: (next) => this.#moved(next),
      waits: (error) => this.#logWaiting(error),
      failed: (error) => this.#failed(error),
    });
  }

  /** Takes a batch in. Its partition's next may come then, while this one is decided. */
  async onBatch(payload: EachBatchPayload): Promise<void> {
    await withHeartbeats(this.#take(payload), () => payload.heartbeat(), this.#leaving.signal);
  }

  status(): PartitionStatus[] {
    return this.parts.book.status().map((each) => this.#orWaiting(each));
  }

  /** Waits until all that was taken in is handled, or left behind. */
  async over(): Promise<void> {
    const { signal } = this.#leaving;
    await Promise.race([this.#underWay.over(), new Promise((resolve) => signal.addEventListener('abort', resolve))]);
  }

  /** Leaves what is under way behind: it is delivered again, and finds the outcomes that it got. */
  abandon(): void {
    this.#leaving.abort();
  }

  /** Moves the offsets as far as all is handled. */
  async settle(): Promise<void> {
    const next = new Map<number, number>();
    for (const partition of new Set([...this.#turns].map((turn) => turn.partition))) {
      const turns = [...this.#turns].filter((turn) => turn.partition === partition);
      const handled = turns.flatMap(({ work, offsets }) => work?.handled ?? offsets.map(() => false));
      const offsets = turns.flatMap((turn) => turn.offsets);
      next.set(partition, nextOffset(offsets, handled, turns.at(-1)!.end));
    }
    if (next.size > 0) await this.parts.offsets.move(next);
    this.#moved(next);
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition } = batch;
    const turn = turnOf(batch);
    const { book } = this.parts;
    await this.#underWay.room(partition);
    book.sees(partition, Number(batch.highWatermark));
    this.#turns.add(turn);
    const next = await this.#persist(turn, () => book.next(partition));
    if (!(await this.#persist(turn, () => book.isNext(partition, fetchedAt(batch), next)))) {
      this.#turns.delete(turn);
      return;
    }
    const work = this.#workOn(batch);
    turn.work = work;
    await work.takeIn(this.#leaving.signal);
    book.taken(partition, turn.end);
    payload.resolveOffset(batch.lastOffset());
    this.#underWay
      .add(partition, work.done(), () => this.#handled(turn))
      .catch((error: unknown) => this.#failed(error));
  }

  #workOn({ topic, partition, messages }: Batch): BatchWork {
    const { signal } = this.#leaving;
    return new BatchWork(
      messages,
      { topic, partition },
      { ...this.parts, post: (letters) => this.parts.post(letters, signal) },
    );
  }

  #handled({ partition, offsets, end }: Turn): void {
    this.parts.handled(offsets.length);
    this.#mover.reach(partition, end);
  }

  #moved(next: ReadonlyMap<number, number>): void {
    this.parts.book.moved(next);
    for (const turn of this.#turns) if (turn.end <= (next.get(turn.partition) ?? 0)) this.#turns.delete(turn);
  }

  #failed(error: unknown): void {
    if (!this.#leaving.signal.aborted) this.parts.failed(error);
  }

  #persist<T>(turn: Turn, attempt: () => Promise<T>): Promise<T> {
    return untilDone(
      attempt,
      (error) => {
        turn.waitsFor = error instanceof Error ? error.message : String(error);
        this.#logWaiting(error);
      },
      this.#leaving.signal,
    );
  }

  #logWaiting(error: unknown): void {
    this.parts.log.warn({ err: error }, 'The inbox waits for the database or the broker');
  }

  #orWaiting(status: PartitionStatus): PartitionStatus {
    const turn = [...this.#turns].find(({ partition }) => partition === status.partition);
    const ms = turn ? performance.now() - turn.began : 0;
    if (!turn || ms < LONG_MS) return status;
    const why =
      turn.waitsFor ?? this.#mover.waitsFor ?? 'its commands have no outcome yet, the database is slow or away';
    return {
      ...status,
      state: 'waiting',
      reason: `Partition ${turn.partition} waits for ${Math.round(ms / 1_000)} s: ${why}`,
    };
  }
}

const turnOf = (batch: Batch): Turn => ({
  partition: batch.partition,
  began: performance.now(),
  offsets: batch.messages.map(({ offset }) => Number(offset)),
  end: Number(batch.lastOffset()) + 1,
});

/** kafkajs keeps it without declaring it; its version is pinned. */
const fetchedAt = (batch: Batch): number => Number((batch as Batch & { fetchedOffset: string }).fetchedOffset);
