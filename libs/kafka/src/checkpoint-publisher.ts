import { ceHeadersOfCheckpoint, type PresentedCheckpoint } from '#contracts';
import type { Feed } from './feed.js';
import { positionOf } from './feeds.js';
import { Publisher, type PublisherParts, type PublisherStatus } from './publisher.js';

const READ_AT_ONCE = 500;

/** Where signed checkpoints come from. */
export type CheckpointSource = Readonly<{
  /** Those over more than so many events, the oldest first. */
  after(size: number, limit: number): Promise<PresentedCheckpoint[]>;
  /** The store, and over how many events the newest one is. */
  end(): Promise<{ storeId: string; position: number }>;
}>;

/**
 * Publishes each signed checkpoint at least once, in the order of their sizes: a topic outside of the database is where
 * somebody who rewrites the log cannot rewrite what was signed over it.
 */
export class CheckpointPublisher {
  readonly #publisher: Publisher;

  constructor(source: CheckpointSource, topic: string, parts: PublisherParts) {
    this.#publisher = new Publisher(checkpointFeed(source, topic), parts);
  }

  start(): void {
    this.#publisher.start();
  }

  stop(): Promise<void> {
    return this.#publisher.stop();
  }

  status(): PublisherStatus {
    return this.#publisher.status();
  }
}

/** Its positions are the sizes: those of the log up to which a checkpoint vouches. */
const checkpointFeed = (source: CheckpointSource, topic: string): Feed => ({
  topic,
  verbatim: true,
  end: () => source.end(),
  positionOf,
  async next(after) {
    const checkpoints = await source.after(after, READ_AT_ONCE);
    const last = checkpoints.at(-1);
    if (!last) return null;
    const { storeId } = await source.end();
    const items = checkpoints.map((checkpoint) => {
      const headers = ceHeadersOfCheckpoint(storeId, checkpoint);
      const message = { key: headers['ce_partitionkey']!, value: JSON.stringify(checkpoint), headers };
      return { position: checkpoint.size, message };
    });
    return { items, upTo: last.size, more: checkpoints.length === READ_AT_ONCE };
  },
});
