import type { Item } from './feed.js';
import type { Term } from './term.js';
import type { TopicEnds } from './topic-ends.js';

/** So long, and so many records, may be acknowledged and not behind the checkpoint yet: after a crash they go out again. */
const KEPT_WITHIN_MS = 50;
const MOST = 1_000;

/** A send that the broker acknowledged: its records, the position it reached, and the end of each partition it went to. */
export type Acknowledged = Readonly<{ items: readonly Item[]; position: number; ends: ReadonlyMap<number, number> }>;

export type LedgerParts = Readonly<{
  term: Pick<Term, 'advance'>;
  ends: Pick<TopicEnds, 'keep'>;
  /** Told of records of which nobody knows whether this process still was the publisher when they were acknowledged. */
  doubt(items: readonly Item[]): void;
}>;

/**
 * Moves the checkpoint behind what the broker acknowledged, while the next send is under way already: no send waits for
 * the database's disk. One move at a time, each for all that came since the last; what fails is thrown by the next call.
 */
export class Ledger {
  #noted: { items: Item[]; position: number | undefined; ends: Map<number, number> } = nothing();
  #moving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failure: { error: unknown } | undefined;

  constructor(private readonly parts: LedgerParts) {}

  /** Resolves when there is room for another send. */
  async note({ items, position, ends }: Acknowledged): Promise<void> {
    this.#noted.items.push(...items);
    this.#noted.position = position;
    for (const [partition, end] of ends) this.#noted.ends.set(partition, end);
    if (this.#noted.items.length >= MOST) {
      await this.#moving;
      this.#move();
    } else {
      this.#timer ??= setTimeout(() => this.#move(), KEPT_WITHIN_MS);
    }
    this.check();
  }

  /** Throws what the last move failed with. */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Resolves when all that was noted is behind the checkpoint. */
  async settle(): Promise<void> {
    this.#move();
    await this.#moving;
    this.check();
  }

  /** The same, as far as it can be done: what cannot is in doubt. */
  async close(): Promise<void> {
    await this.settle().catch(() => this.parts.doubt(this.#noted.items));
  }

  #move(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#moving = this.#moving.then(() => this.#keep());
  }

  async #keep(): Promise<void> {
    const { items, position, ends } = this.#noted;
    if (this.#failure || position === undefined) return;
    this.#noted = nothing();
    try {
      await this.parts.ends.keep(ends);
      await this.parts.term.advance(position);
    } catch (error) {
      this.#failure = { error };
      this.parts.doubt(items);
    }
  }
}

const nothing = () => ({ items: [], position: undefined, ends: new Map<number, number>() });
