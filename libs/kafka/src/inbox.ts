import type { Batch, EachBatchPayload } from 'kafkajs';
import type { EventStore, Queryable } from '#event-store';
import type { BeginSpan } from '#runtime';
import { ConsumerSession, withHeartbeats } from './consumer-session.js';
import { DeadLetterBox } from './dead-letter-box.js';
import { BatchWork, type Waist } from './handle-batch.js';
import { Halted } from './halted.js';
import { kafkaClient, type KafkaOptions } from './kafka-client.js';
import { nextOffset, Offsets } from './offsets.js';
import { PartitionBook, type PartitionStatus } from './partition-book.js';
import { backOff, pause, untilDone } from './pause.js';
import type { Rights } from './read-command.js';
import { Sender } from './sender.js';
import type { TopicMemory } from './topic-memory.js';
import { marksOf } from './topic-reader.js';
import { topicNames } from './topics.js';

const LAST_BATCHES_MS = 10_000;
/** A batch that takes longer waits for something. */
const LONG_MS = 2_000;
/** How soon a partition goes on when a person has set its offset. */
const LOOK_AGAIN_MS = 5_000;

export type InboxStatus = Readonly<{
  state: 'starting' | 'consuming' | 'retrying' | 'halted' | 'stopped';
  /** Those that this process has; one that is halted waits for a person, the others go on. */
  partitions: readonly PartitionStatus[];
  lag: number;
  /** Records handled and dead letters posted since the start. */
  handled: number;
  deadLetters: number;
  /** How often the consumer had to be built anew. */
  restarts: number;
  reason: string | null;
}>;

/** Told of what is done, for metrics; it must not throw. */
export type InboxObserver = Readonly<{
  /** So many records have their outcome or lie on the dead topic. */
  handled(records: number): void;
  /** A record lies on the dead topic; the code is of a closed set. */
  buried(code: string): void;
  /** The consumer failed and is built anew. */
  restarted(): void;
}>;

export type InboxParts = Readonly<{
  kafka: KafkaOptions;
  groupId: string;
  rights: Rights;
  waist: Waist;
  store: Pick<EventStore, 'head'>;
  database: Queryable;
  topics: TopicMemory;
  observer?: InboxObserver;
  begin?: BeginSpan | undefined;
}>;

/** A batch under way. */
type Turn = { readonly partition: number; readonly began: number; readonly end: AbortController; waitsFor?: string };

/**
 * Takes commands from Kafka to the waist: each record gets its outcome or lies on the dead topic before the offset in
 * Postgres moves past it, and commands of one key are decided in the order of their offsets. While the database or the
 * broker is away records wait.
 */
export class Inbox {
  readonly #stopping = new AbortController();
  readonly #turns = new Set<Turn>();
  readonly #topic: string;
  readonly #offsets: Offsets;
  readonly #dead: DeadLetterBox;
  #sender: Sender | undefined;
  #book: PartitionBook | undefined;
  #running: Promise<void> | undefined;
  #state: InboxStatus['state'] = 'starting';
  #handled = 0;
  #restarts = 0;
  #reason: string | null = null;

  constructor(private readonly parts: InboxParts) {
    const names = topicNames(parts.kafka.topicPrefix);
    this.#topic = names.commands;
    this.#offsets = new Offsets(parts.database, names.commands);
    this.#dead = new DeadLetterBox(() => this.#deadSender(), names.dead, parts.kafka.log);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes nothing more in and waits, for up to 10 seconds, until the batches under way are handled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const late = setTimeout(() => this.#abandon(), LAST_BATCHES_MS);
    await this.#running;
    clearTimeout(late);
    await this.#sender?.close();
  }

  status(): InboxStatus {
    const partitions = (this.#book?.status() ?? []).map((each) => this.#orWaiting(each));
    return {
      state: this.#state,
      partitions,
      lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
      handled: this.#handled,
      deadLetters: this.#dead.sent,
      restarts: this.#restarts,
      reason: this.#reason ?? this.#dead.waitsFor ?? partitions.find(({ reason }) => reason !== null)?.reason ?? null,
    };
  }

  #orWaiting(status: PartitionStatus): PartitionStatus {
    const turn = [...this.#turns].find(({ partition }) => partition === status.partition);
    const ms = turn ? performance.now() - turn.began : 0;
    if (!turn || ms < LONG_MS) return status;
    const why = turn.waitsFor ?? 'its commands have no outcome yet, the database is slow or away';
    return {
      ...status,
      state: 'waiting',
      reason: `Partition ${turn.partition} waits for ${Math.round(ms / 1_000)} s: ${why}`,
    };
  }

  async #run(): Promise<void> {
    for (let inARow = 0; !this.#stopping.signal.aborted;) {
      const before = this.#handled;
      try {
        await this.#consume();
      } catch (error) {
        if (error instanceof Halted) return this.#halt(error);
        inARow = this.#handled > before ? 1 : inARow + 1;
        this.#state = 'retrying';
        this.#restarts += 1;
        this.parts.observer?.restarted();
        this.#reason = error instanceof Error ? error.message : String(error);
        this.parts.kafka.log.warn(
          { err: error, restarts: this.#restarts },
          'The command consumer failed and is built anew',
        );
        await pause(backOff(inARow), this.#stopping.signal);
      }
    }
    this.#state = 'stopped';
  }

  /** One life of a consumer. */
  async #consume(): Promise<void> {
    const { kafka, groupId, store, topics } = this.parts;
    const partitions = (await topics.ready()).get(this.#topic) ?? 0;
    await topics.remember(this.#topic, (await store.head()).storeId);
    const client = kafkaClient(kafka);
    const session: ConsumerSession = new ConsumerSession(client, groupId, this.#topic, {
      onBatch: (payload) => this.#onBatch(book, payload),
      onAssigned: (assigned) => void this.#onAssigned(book, session, assigned),
    });
    const book = new PartitionBook(this.#offsets, () => marksOf(client, this.#topic), {
      wheel: session,
      partitions,
      halt: (reason) => kafka.log.error({ reason }, 'A partition of the commands topic is halted'),
    });
    this.#book = book;
    const look = setInterval(
      () => void book.lookAgain().catch((error: unknown) => this.#later(error)),
      LOOK_AGAIN_MS,
    ).unref();
    try {
      await session.run(this.#stopping.signal);
    } finally {
      clearInterval(look);
      this.#abandon();
    }
  }

  /** Leaves the batches under way behind: they are delivered again, and find the outcomes that they got. */
  #abandon(): void {
    for (const { end } of this.#turns) end.abort();
  }

  async #onAssigned(book: PartitionBook, session: ConsumerSession, assigned: readonly number[]): Promise<void> {
    this.#state = 'consuming';
    this.#reason = null;
    try {
      await book.assign(assigned);
    } catch (error) {
      if (error instanceof Halted) session.fail(error);
      else this.#later(error);
    }
  }

  /** Each batch is held against Postgres anyway. */
  #later(error: unknown): void {
    this.parts.kafka.log.debug({ err: error }, 'Where to go on is looked up later');
  }

  async #onBatch(book: PartitionBook, payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    const turn: Turn = { partition, began: performance.now(), end: new AbortController() };
    const { signal } = turn.end;
    this.#turns.add(turn);
    try {
      await withHeartbeats(this.#handle(book, payload, turn), () => payload.heartbeat(), signal);
    } finally {
      this.#turns.delete(turn);
      turn.end.abort();
    }
  }

  async #handle(book: PartitionBook, payload: EachBatchPayload, turn: Turn): Promise<void> {
    const { batch } = payload;
    const { signal } = turn.end;
    const waits = (error: unknown): void => this.#waits(turn, error);
    const { topic, partition, messages } = batch;
    const next = await untilDone(() => book.next(partition), waits, signal);
    if (!(await untilDone(() => book.isNext(partition, fetchedAt(batch), next), waits, signal))) return;
    book.stands(partition, next, Number(batch.highWatermark));
    const work = new BatchWork(
      messages,
      { topic, partition },
      {
        waist: this.parts.waist,
        rights: this.parts.rights,
        post: (letters) => this.#dead.post(letters, signal),
        buried: this.parts.observer?.buried,
        begin: this.parts.begin,
        log: this.parts.kafka.log,
      },
    );
    const end = Number(batch.lastOffset()) + 1;
    try {
      await work.run(signal);
    } catch (error) {
      const reached = nextOffset(
        messages.map(({ offset }) => Number(offset)),
        work.handled,
        end,
      );
      await this.#offsets.move(partition, Math.max(next, reached));
      throw error;
    }
    await untilDone(() => this.#offsets.move(partition, end), waits, signal);
    book.moved(partition, end, Number(batch.highWatermark));
    this.#handled += messages.length;
    this.parts.observer?.handled(messages.length);
    payload.resolveOffset(batch.lastOffset());
  }

  #waits(turn: Turn, error: unknown): void {
    turn.waitsFor = error instanceof Error ? error.message : String(error);
    this.parts.kafka.log.warn({ err: error }, 'The inbox waits for the database or the broker');
  }

  async #deadSender(): Promise<Sender> {
    this.#sender ??= new Sender(kafkaClient(this.parts.kafka), await this.parts.topics.ready());
    return this.#sender;
  }

  #halt(error: Halted): void {
    this.#state = 'halted';
    this.#reason = error.message;
    this.parts.kafka.log.fatal({ err: error }, 'The inbox halted');
  }
}

/** kafkajs keeps it without declaring it; its version is pinned. */
const fetchedAt = (batch: Batch): number => Number((batch as Batch & { fetchedOffset: string }).fetchedOffset);
