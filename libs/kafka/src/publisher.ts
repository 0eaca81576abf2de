import type { Kafka } from 'kafkajs';
import { readCheckpoint, type Queryable } from '#event-store';
import { Bell, type BeginSpan, type Logger } from '#runtime';
import { halvesOf, sendsOf, type Feed, type Item, type Page } from './feed.js';
import { Halted } from './halted.js';
import { Ledger, type Acknowledged } from './ledger.js';
import { backOff, pause } from './pause.js';
import { findLostTails, positionBefore } from './lost-tail.js';
import { ReadAhead } from './read-ahead.js';
import { isTooLarge, Sender, type Placed } from './sender.js';
import { refuseStrangers } from './strangers.js';
import { Deposed, Term } from './term.js';
import { TopicEnds, type LostTails } from './topic-ends.js';
import type { TopicMemory } from './topic-memory.js';
import { tracedSend } from './traced-send.js';

const LEASE_MS = 5_000;
const STANDBY_MS = 1_000;
/** Outcomes without events ring no bell, and the bell is only a hint. */
const IDLE_MS = 250;
/** While there is more than a page to publish, how far it still is gets looked up so often. */
const LOOK_MS = 1_000;

export type PublisherStatus = Readonly<{
  topic: string;
  state: 'starting' | 'standby' | 'publishing' | 'retrying' | 'halted' | 'stopped';
  /** Everything up to here is on the topic, as far as this process knows. */
  position: number;
  /** Positions that are not, yet. */
  lag: number;
  /** Records acknowledged since the start; tries that failed since then. */
  sent: number;
  failures: number;
  /** What went wrong last, while it has not gone right since. */
  reason: string | null;
}>;

/** Told of what becomes of what is sent, for metrics; it must not throw. */
export type PublisherObserver = Readonly<{
  /** The broker acknowledged a batch of so many records. */
  sent(topic: string, records: number): void;
  failed(topic: string): void;
}>;

export type PublisherParts = Readonly<{
  kafka: Kafka;
  topics: TopicMemory;
  database: Queryable;
  log: Logger;
  leaseMs?: number;
  observer?: PublisherObserver;
  begin?: BeginSpan | undefined;
}>;

/**
 * Publishes a feed in order, at least once, from its checkpoint on: one process at a time by a lease, one send at a
 * time. After any error the same records go out again on a new producer; nothing is skipped. What a person has to look
 * at first halts it, and the status says so.
 */
export class Publisher {
  readonly #stopping = new AbortController();
  readonly #bell = new Bell();
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #doubts: Item[] = [];
  /** Whether the topic was held against the log since the start: a log that goes back later ends the process. */
  #compared = false;
  #pages: ReadAhead | undefined;
  #end = { position: 0, seenAt: -Infinity };
  #status: PublisherStatus;

  constructor(
    private readonly feed: Feed,
    private readonly parts: PublisherParts,
  ) {
    this.#log = parts.log.child({ topic: feed.topic });
    this.#status = { topic: feed.topic, state: 'starting', position: 0, lag: 0, sent: 0, failures: 0, reason: null };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Lets the send that is under way end, then gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#bell.ring();
    await this.#running;
  }

  /** There may be something new to publish. */
  wake(): void {
    this.#bell.ring();
    if (this.feed.prompt) this.#pages?.hint();
  }

  status(): PublisherStatus {
    return this.#status;
  }

  async #run(): Promise<void> {
    for (let inARow = 0; !this.#stopping.signal.aborted;) {
      const { sent } = this.#status;
      try {
        await this.#serve();
        inARow = 0;
      } catch (error) {
        if (error instanceof Halted) return this.#halt(error);
        inARow = this.#status.sent > sent ? 1 : inARow + 1;
        this.#failed(error);
        await pause(backOff(inARow), this.#stopping.signal);
      }
      await this.#noteDoubts();
    }
    this.#say({ state: 'stopped' });
  }

  /** One term as the publisher of the topic, or one look whether there is one to be had. */
  async #serve(): Promise<void> {
    const partitions = await this.parts.topics.ready();
    const term = await Term.begin(this.parts.database, publishingOf(this.feed.topic), this.parts.leaseMs ?? LEASE_MS);
    if (!term) return this.#standBy();
    const sender = new Sender(this.parts.kafka, partitions);
    let ledger: Ledger | undefined;
    try {
      const ends = await TopicEnds.load(this.parts.database, this.feed.topic);
      ledger = new Ledger({ term, ends, doubt: (items) => this.#doubt(items) });
      const pages = (this.#pages = new ReadAhead(this.feed, this.#stopping.signal));
      const at: Office = { term, sender, ends, ledger, pages };
      let position = await this.#beginAt(term, ends);
      this.#say({ state: 'publishing', position, reason: null });
      while (!this.#stopping.signal.aborted) position = await this.#publishNext(position, at);
    } finally {
      this.#pages = undefined;
      await sender.close();
      await ledger?.close();
      await term.end();
    }
  }

  async #standBy(): Promise<void> {
    const position = await readCheckpoint(this.parts.database, publishingOf(this.feed.topic));
    const { position: end } = await this.feed.end();
    this.#say({ state: 'standby', position, lag: Math.max(0, end - position), reason: null });
    await pause(STANDBY_MS, this.#stopping.signal);
  }

  /** The checkpoint, after a look whether the log and the topic still are what they were. */
  async #beginAt(term: Term, ends: TopicEnds): Promise<number> {
    const { topic } = this.feed;
    const position = await readCheckpoint(this.parts.database, publishingOf(this.feed.topic));
    const end = await this.feed.end();
    await this.parts.topics.remember(topic, end.storeId);
    if (position > end.position) {
      throw new Halted(
        `${topic} was published up to ${position}, but the log ends at ${end.position}: it lost events, or is another one. ` +
          'Restore it, or start over with another KAFKA_TOPIC_PREFIX.',
      );
    }
    if (!this.#compared) await refuseStrangers(this.parts.kafka, this.feed, ends);
    this.#compared = true;
    return this.#goBack(position, await findLostTails(this.parts.kafka, topic, ends), { term, ends });
  }

  async #publishNext(position: number, at: Office): Promise<number> {
    at.ledger.check();
    const page = await at.pages.next(position);
    if (!page) return this.#idle(position, at);
    this.#say({ lag: Math.max(this.#status.lag, page.upTo - position) });
    let reached = position;
    const sends = sendsOf(page.items);
    for (let items = sends.shift(); items; items = sends.shift()) {
      if (this.#stopping.signal.aborted) return reached;
      const placed = await this.#send(items, at);
      if (placed === 'too large') {
        sends.unshift(...halvesOf(items)!);
        continue;
      }
      const lost = at.ends.lostBy(placed);
      const ends = new Map([...placed].map(([partition, { end }]) => [partition, end]));
      if (lost.size > 0) {
        await at.ledger.settle();
        await at.ends.keepLost(ends);
        return this.#goBack(position, lost, at);
      }
      at.ends.reach(ends);
      reached = items.at(-1)!.position;
      await this.#advanced({ items, position: reached, ends }, page, at.ledger);
    }
    if (page.upTo > reached) await this.#advanced({ items: [], position: page.upTo, ends: NONE }, page, at.ledger);
    if (page.published) {
      await at.ledger.settle();
      await page.published();
    }
    return page.upTo;
  }

  async #idle(position: number, { term }: Office): Promise<number> {
    this.#say({ lag: 0 });
    await this.#bell.sleep(IDLE_MS);
    // A person may have moved the checkpoint back, and nothing new may come for long.
    await term.assert();
    return position;
  }

  async #send(items: readonly Item[], { term, sender }: Office): Promise<ReadonlyMap<number, Placed> | 'too large'> {
    await term.assert();
    const { topic } = this.feed;
    const messages = items.map(({ message }) => message);
    try {
      const placed = await tracedSend(topic, messages, this.parts.begin, (each) => sender.send(topic, each));
      this.parts.observer?.sent(topic, items.length);
      return placed;
    } catch (error) {
      this.#doubt(items);
      if (!isTooLarge(error)) throw error;
      if (items.length > 1) return 'too large';
      throw new Error(`Position ${items[0]!.position} is larger than ${topic} takes: raise its max.message.bytes`, {
        cause: error,
      });
    }
  }

  async #advanced(done: Acknowledged, { more }: Page, ledger: Ledger): Promise<void> {
    const { position, items } = done;
    await ledger.note(done);
    const lag = more ? Math.max(0, (await this.#endOfFeed()) - position) : 0;
    this.#say({ position, lag, sent: this.#status.sent + items.length, reason: null });
  }

  async #endOfFeed(): Promise<number> {
    if (performance.now() > this.#end.seenAt + LOOK_MS)
      this.#end = { position: (await this.feed.end()).position, seenAt: performance.now() };
    return this.#end.position;
  }

  /** Where the broker lost records that it had acknowledged, publishing starts again behind the oldest one that is left. */
  async #goBack(position: number, lost: LostTails, { term, ends }: Pick<Office, 'term' | 'ends'>): Promise<number> {
    if (lost.size === 0) return position;
    const back = Math.min(position, await positionBefore(this.parts.kafka, this.feed, lost));
    this.#log.error(
      { position, back, partitions: [...lost.keys()].join() },
      'The broker lost records that it had acknowledged; they are published again',
    );
    await term.advance(back);
    await ends.keepLost(lost);
    return back;
  }

  #doubt(items: readonly Item[]): void {
    for (const item of items) this.#doubts.push(item);
  }

  async #noteDoubts(): Promise<void> {
    if (this.#doubts.length === 0) return;
    try {
      await this.feed.doubt?.(this.#doubts);
      this.#doubts = [];
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const deposed = error instanceof Deposed;
    if (!deposed) this.parts.observer?.failed(this.feed.topic);
    this.#say({ state: deposed ? 'standby' : 'retrying', failures: this.#status.failures + (deposed ? 0 : 1), reason });
    this.#log.warn(
      { reason },
      deposed ? 'Another replica took over publishing' : 'Publishing failed and is tried again',
    );
  }

  #halt(error: Halted): void {
    this.#say({ state: 'halted', reason: error.message });
    this.#log.fatal({ err: error }, 'Publishing halted');
  }

  #say(news: Partial<PublisherStatus>): void {
    this.#status = { ...this.#status, ...news };
  }
}

/** What one term works with. */
type Office = Readonly<{ term: Term; sender: Sender; ends: TopicEnds; ledger: Ledger; pages: ReadAhead }>;

const NONE: ReadonlyMap<number, number> = new Map();

/** The name of the lease and of the checkpoint: a topic with another prefix is another topic, and gets everything. */
export const publishingOf = (topic: string): string => `kafka:${topic}`;
