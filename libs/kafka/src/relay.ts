import type { EventStore } from '#event-store';
import { eventFeed, outcomeFeed } from './feeds.js';
import { Publisher, type PublisherParts, type PublisherStatus } from './publisher.js';
import type { TopicNames } from './topics.js';

export type RelayStatus = Readonly<{ events: PublisherStatus; outcomes: PublisherStatus }>;

/**
 * Publishes the whole log to Kafka: every event and every outcome at least once, per key in order and never with a gap.
 * Without a broker it waits, and goes on from its checkpoints.
 */
export class Relay {
  readonly #events: Publisher;
  readonly #outcomes: Publisher;
  #silence: (() => void) | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readRange' | 'readOutcomes' | 'head' | 'onAppend'>,
    topics: Pick<TopicNames, 'events' | 'outcomes'>,
    parts: PublisherParts,
  ) {
    this.#events = new Publisher(eventFeed(store, topics.events), parts);
    this.#outcomes = new Publisher(outcomeFeed(store, topics.outcomes), parts);
  }

  start(): void {
    this.#silence ??= this.store.onAppend(() => {
      this.#events.wake();
      this.#outcomes.wake();
    });
    this.#events.start();
    this.#outcomes.start();
  }

  /** Ends after the sends that are under way; the leases are free then. */
  async stop(): Promise<void> {
    this.#silence?.();
    await Promise.all([this.#events.stop(), this.#outcomes.stop()]);
  }

  status(): RelayStatus {
    return { events: this.#events.status(), outcomes: this.#outcomes.status() };
  }
}
