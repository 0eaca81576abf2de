import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { within } from '#runtime';
import { METADATA_MAX_AGE_MS } from './kafka-client.js';

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const REBALANCE_MS = 30_000;
const DISCONNECT_MS = 5_000;
/** A consumer that gave no sign of life for so long is dead, whatever it says. */
const SILENCE_MS = 45_000;
/** More than a topic has as a rule: small batches of several partitions fill one append together. */
const PARTITIONS_AT_ONCE = 64;
/** Compressed, as it comes: what is fetched at once is bounded by it, and unpacks to ten times as much. */
const FETCH_BYTES = 96 * 1024;
const PARTITION_BYTES = 16 * 1024;

export type SessionHandlers = Readonly<{
  onBatch(payload: EachBatchPayload): Promise<void>;
  /** The group gave us these partitions; not awaited by kafkajs. */
  onAssigned(partitions: readonly number[]): void;
}>;

/**
 * One life of a kafkajs consumer: it never commits, resets or restarts by itself. A crash, or silence, ends it, and
 * whoever opened it opens another.
 */
export class ConsumerSession {
  readonly #consumer: Consumer;
  #lastSign = performance.now();
  #watchdog: NodeJS.Timeout | undefined;
  #closed = false;
  #fail: (error: unknown) => void = () => undefined;
  readonly #failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  constructor(
    kafka: Kafka,
    groupId: string,
    private readonly topic: string,
    private readonly handlers: SessionHandlers,
  ) {
    this.#failed.catch(() => undefined);
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      // A stop waits for the fetch that is under way.
      maxWaitTimeInMs: 500,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_BYTES,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4, restartOnFailure: async () => false },
    });
  }

  /** Consumes until the signal is given (the batches under way are finished first) or something fails. */
  async run(stopping: AbortSignal): Promise<void> {
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    // The signal outlives many sessions: each takes its listener back.
    stopping.addEventListener('abort', stop);
    if (stopping.aborted) stop();
    const opened = this.#open();
    try {
      await Promise.race([stopped, this.#failed, opened]);
      await Promise.race([stopped, this.#failed]);
      // kafkajs does not notice a stop while it joins.
      await within(DISCONNECT_MS, opened);
      await this.#consumer.stop();
    } finally {
      stopping.removeEventListener('abort', stop);
      this.#closed = true;
      clearInterval(this.#watchdog);
      await within(DISCONNECT_MS, this.#consumer.disconnect()).catch(() => undefined);
    }
  }

  async #open(): Promise<void> {
    this.#listen();
    this.#watchdog = setInterval(() => this.#watch(), HEARTBEAT_MS).unref();
    await this.#consumer.connect();
    if (this.#closed) return;
    await this.#consumer.subscribe({ topic: this.topic, fromBeginning: true });
    if (this.#closed) return;
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: this.handlers.onBatch,
    });
    if (this.#closed) await this.#consumer.disconnect();
  }

  fail(error: unknown): void {
    this.#fail(error);
  }

  seek(partition: number, offset: number): void {
    this.#consumer.seek({ topic: this.topic, partition, offset: String(offset) });
  }

  pause(partition: number): void {
    this.#consumer.pause([{ topic: this.topic, partitions: [partition] }]);
  }

  resume(partition: number): void {
    this.#consumer.resume([{ topic: this.topic, partitions: [partition] }]);
  }

  #listen(): void {
    const { CRASH, GROUP_JOIN, HEARTBEAT, FETCH, END_BATCH_PROCESS } = this.#consumer.events;
    this.#consumer.on(CRASH, ({ payload }) => this.#fail(payload.error));
    this.#consumer.on(GROUP_JOIN, ({ payload }) =>
      this.handlers.onAssigned(payload.memberAssignment[this.topic] ?? []),
    );
    for (const event of [HEARTBEAT, FETCH, END_BATCH_PROCESS, GROUP_JOIN] as const) {
      this.#consumer.on(event, () => {
        this.#lastSign = performance.now();
      });
    }
  }

  #watch(): void {
    const silence = performance.now() - this.#lastSign;
    if (silence > SILENCE_MS) this.#fail(new Error(`The consumer gave no sign of life for ${Math.round(silence)} ms`));
  }
}

/** Waits for the work, with heartbeats; throws what the heartbeat throws, or the signal, and leaves the work behind then. */
export async function withHeartbeats(
  work: Promise<void>,
  heartbeat: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const over = work.then(() => true);
  let abandon = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abandon = () => reject(signal.reason as Error);
  });
  signal.addEventListener('abort', abandon);
  try {
    while (!(await withinABeat(Promise.race([over, aborted])))) await heartbeat();
  } finally {
    signal.removeEventListener('abort', abandon);
  }
}

/** Whether it is over before the next heartbeat is due. */
async function withinABeat(over: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), HEARTBEAT_MS / 2);
  });
  try {
    return await Promise.race([over, beat]);
  } finally {
    clearTimeout(timer);
  }
}
