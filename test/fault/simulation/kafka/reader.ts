import type { EachBatchPayload } from 'kafkajs';
import { ConsumerSession } from '#kafka/testing';
import type { Side } from './sides.js';

/** A batch as the product sees it. */
export type Handed = Readonly<{
  partition: number;
  fetchedAt: number;
  high: number;
  first: number;
  last: number;
  offsets: readonly number[];
}>;
export type Handler = (payload: EachBatchPayload) => Promise<void>;

const handedOf = ({ batch }: EachBatchPayload): Handed => ({
  partition: batch.partition,
  fetchedAt: Number((batch as typeof batch & { fetchedOffset: string }).fetchedOffset),
  high: Number(batch.highWatermark),
  first: Number(batch.firstOffset()),
  last: Number(batch.lastOffset()),
  offsets: batch.messages.map(({ offset }) => Number(offset)),
});

/** Goes on behind the batch. */
export const resolved: Handler = async (payload) => payload.resolveOffset(payload.batch.lastOffset());

/** A member of a group, consuming as the product does, and what it was given. */
export class Reader {
  readonly batches: Handed[] = [];
  readonly messages: EachBatchPayload['batch']['messages'] = [];
  readonly assignments: number[][] = [];
  readonly group: string;
  readonly session: ConsumerSession;
  /** Why it ended; null when it was stopped. */
  error: unknown;
  readonly #stopping = new AbortController();
  #ended: Promise<void> | undefined;

  constructor(
    private readonly side: Side,
    { topic, handler, group }: Readonly<{ topic: string; handler: Handler; group: string }>,
  ) {
    this.group = group;
    this.session = new ConsumerSession(side.client(), group, topic, {
      onBatch: async (payload) => {
        this.batches.push(handedOf(payload));
        this.messages.push(...payload.batch.messages);
        await handler(payload);
      },
      onAssigned: (partitions) => void this.assignments.push(partitions.toSorted((a, b) => a - b)),
    });
  }

  start(): this {
    this.#ended = this.#run().then(
      () => void (this.error = null),
      (error: unknown) => void (this.error = error),
    );
    return this;
  }

  async #run(): Promise<void> {
    await this.side.coordinated(this.group);
    await this.session.run(this.#stopping.signal);
  }

  /** The offsets that it was given of a partition, in the order in which they came. */
  offsets(partition = 0): number[] {
    return this.batches.filter((batch) => batch.partition === partition).flatMap(({ offsets }) => offsets);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }
}
