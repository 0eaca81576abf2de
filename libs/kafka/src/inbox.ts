import type { Kafka } from 'kafkajs';
import type { EventStore, Queryable } from '#event-store';
import { within, type BeginSpan, type Logger } from '#runtime';
import { ConsumerSession } from './consumer-session.js';
import { DeadLetterBox } from './dead-letter-box.js';
import type { Waist } from './handle-batch.js';
import { Halted } from './halted.js';
import { Intake } from './intake.js';
import { Offsets } from './offsets.js';
import { PartitionBook, type PartitionStatus } from './partition-book.js';
import { backOff, pause } from './pause.js';
import type { Rights } from './read-command.js';
import { Room } from './room.js';
import { Sender } from './sender.js';
import type { TopicMemory } from './topic-memory.js';
import { marksOf } from './topic-reader.js';
import { topicNames } from './topics.js';

const LAST_BATCHES_MS = 10_000;
/** The last offsets are moved before another consumer is built, or the process ends. */
const LAST_MOVE_MS = 5_000;
/** Commands in the waist at once: two appends on their way and the next behind them. More would only take memory and others' room. */
const IN_THE_WAIST = 1_500;
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
  /** Makes a client: each consumer needs one of its own. */
  client: () => Kafka;
  topicPrefix: string;
  log: Logger;
  groupId: string;
  rights: Rights;
  waist: Waist;
  store: Pick<EventStore, 'head'>;
  database: Queryable;
  topics: TopicMemory;
  observer?: InboxObserver;
  begin?: BeginSpan | undefined;
}>;

/**
 * Takes commands from Kafka to the waist: each record gets its outcome or lies on the dead topic before the offset in
 * Postgres moves past it, and commands of one key are decided in the order of their offsets. While the database or the
 * broker is away records wait.
 */
export class Inbox {
  readonly #stopping = new AbortController();
  readonly #room = new Room(IN_THE_WAIST);
  readonly #topic: string;
  readonly #offsets: Offsets;
  readonly #dead: DeadLetterBox;
  #sender: Sender | undefined;
  #intake: Intake | undefined;
  #running: Promise<void> | undefined;
  #state: InboxStatus['state'] = 'starting';
  #handled = 0;
  #restarts = 0;
  #reason: string | null = null;

  constructor(private readonly parts: InboxParts) {
    const names = topicNames(parts.topicPrefix);
    this.#topic = names.commands;
    this.#offsets = new Offsets(parts.database, names.commands);
    this.#dead = new DeadLetterBox(() => this.#deadSender(), names.dead, parts.log);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes nothing more in and waits, for up to 10 seconds, until the batches under way are handled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const late = setTimeout(() => this.#intake?.abandon(), LAST_BATCHES_MS);
    await this.#running;
    clearTimeout(late);
    await this.#sender?.close();
  }

  status(): InboxStatus {
    const partitions = this.#intake?.status() ?? [];
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
        this.parts.log.warn({ err: error, restarts: this.#restarts }, 'The command consumer failed and is built anew');
        await pause(backOff(inARow), this.#stopping.signal);
      }
    }
    this.#state = 'stopped';
  }

  /** One life of a consumer. */
  async #consume(): Promise<void> {
    const { groupId, store, topics, log } = this.parts;
    const partitions = (await topics.ready()).get(this.#topic) ?? 0;
    await topics.remember(this.#topic, (await store.head()).storeId);
    const client = this.parts.client();
    const session: ConsumerSession = new ConsumerSession(client, groupId, this.#topic, {
      onBatch: (payload) => intake.onBatch(payload),
      onAssigned: (assigned) => void this.#onAssigned(book, session, assigned),
    });
    const book = new PartitionBook(this.#offsets, () => marksOf(client, this.#topic), {
      wheel: session,
      partitions,
      halt: (reason) => log.error({ reason }, 'A partition of the commands topic is halted'),
    });
    const intake = this.#intakeOf(book, session);
    this.#intake = intake;
    const look = setInterval(
      () => void book.lookAgain().catch((error: unknown) => this.#later(error)),
      LOOK_AGAIN_MS,
    ).unref();
    try {
      await session.run(this.#stopping.signal);
      await intake.over();
    } finally {
      clearInterval(look);
      intake.abandon();
      await within(LAST_MOVE_MS, intake.settle()).catch((error: unknown) => this.#later(error));
    }
  }

  #intakeOf(book: PartitionBook, session: ConsumerSession): Intake {
    const { waist, rights, begin, observer, log } = this.parts;
    return new Intake({
      book,
      offsets: this.#offsets,
      waist,
      room: this.#room,
      rights,
      post: (letters, signal) => this.#dead.post(letters, signal),
      buried: observer?.buried,
      handled: (records) => {
        this.#handled += records;
        observer?.handled(records);
      },
      failed: (error) => session.fail(error),
      begin,
      log,
    });
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
    this.parts.log.debug({ err: error }, 'Where to go on is looked up later');
  }

  async #deadSender(): Promise<Sender> {
    this.#sender ??= new Sender(this.parts.client(), await this.parts.topics.ready());
    return this.#sender;
  }

  #halt(error: Halted): void {
    this.#state = 'halted';
    this.#reason = error.message;
    this.parts.log.fatal({ err: error }, 'The inbox halted');
  }
}
