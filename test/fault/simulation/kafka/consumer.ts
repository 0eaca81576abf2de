import type { Consumer, EachBatchPayload, KafkaMessage, RetryOptions } from 'kafkajs';
import type { Member, Stored } from './broker.js';
import type { KafkaParts } from './parts.js';

/** So long a fetch waits for a record that is still to come. */
const FETCH_MS = 500;
const MOST = 50;

type Run = Parameters<Consumer['run']>[0];
export type ConsumerOptions = Readonly<{ groupId: string; retry?: RetryOptions }>;
type Handler = (event: { payload: Record<string, unknown> }) => void;

/** The product reads these names from the consumer itself. */
const events = {
  CRASH: 'crash',
  GROUP_JOIN: 'group_join',
  HEARTBEAT: 'heartbeat',
  FETCH: 'fetch',
  END_BATCH_PROCESS: 'end_batch_process',
} as const;

const messageOf = ({ key, value, headers, timestamp, offset }: Stored): KafkaMessage =>
  ({ key, value, headers, timestamp: String(timestamp), offset: String(offset), attributes: 0 }) as KafkaMessage;

/** A member of a group as kafkajs makes one: it fetches what it was given, from where it was sent or where the topic begins. */
export class MemoryConsumer {
  readonly events = events;
  readonly #handlers = new Map<string, Handler[]>();
  readonly #positions = new Map<number, number>();
  readonly #seeks = new Map<number, number>();
  readonly #paused = new Set<number>();
  readonly #working = new Set<number>();
  #topic = '';
  #fromBeginning = false;
  #run: Run | undefined;
  #isRunning = false;
  #isRejoining = false;
  #turn = 0;
  #assignedCount = 0;
  #member: Member | undefined;

  constructor(
    private readonly parts: KafkaParts,
    private readonly options: ConsumerOptions,
  ) {}

  on(event: string, handler: Handler): () => void {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
    return () => undefined;
  }

  async connect(): Promise<void> {
    await this.parts.link.call('consumer connect', () => undefined);
  }

  async subscribe({ topic, fromBeginning = false }: { topic: string; fromBeginning?: boolean }): Promise<void> {
    this.parts.broker.partitions(topic);
    this.#topic = topic;
    this.#fromBeginning = fromBeginning;
  }

  async run(run: Run): Promise<void> {
    this.#run = run;
    this.#isRunning = true;
    // As kafkajs has it: one that cannot join crashes, and nobody who called is told.
    await this.#join().catch((error: unknown) => this.#crash(error));
  }

  seek({ partition, offset }: { partition: number; offset: string }): void {
    this.#mustRun();
    this.#seeks.set(partition, Number(offset));
  }

  pause(places: ReadonlyArray<{ partitions: number[] }>): void {
    this.#mustRun();
    for (const partition of places.flatMap(({ partitions }) => partitions)) this.#paused.add(partition);
  }

  resume(places: ReadonlyArray<{ partitions: number[] }>): void {
    this.#mustRun();
    for (const partition of places.flatMap(({ partitions }) => partitions)) this.#paused.delete(partition);
  }

  /** Waits for the batches under way. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    while (this.#working.size > 0) await this.parts.sleep(5);
    this.#run = undefined;
  }

  async disconnect(): Promise<void> {
    await this.stop();
    const member = this.#member;
    this.#member = undefined;
    if (member)
      await this.parts.link.call('leave', () => this.parts.broker.leave(this.options.groupId, this.#topic, member));
  }

  #mustRun(): void {
    if (!this.#run) throw new Error('Consumer group was not initialized, consumer#run must be called first');
  }

  async #join(): Promise<void> {
    const { broker, link, owner } = this.parts;
    const member = (this.#member ??= {
      ...{ owner, generation: 0, lastBeat: 0 },
      assigned: (partitions) => this.#assigned(partitions),
    });
    await link.call('join', () => broker.join(this.options.groupId, this.#topic, member));
  }

  #assigned(partitions: readonly number[]): void {
    if (!this.#isRunning) return;
    this.#turn += 1;
    const turn = this.#turn;
    this.#positions.clear();
    this.#assignedCount = partitions.length;
    this.#emit('group_join', { memberAssignment: { [this.#topic]: [...partitions] } });
    for (const partition of partitions) void this.#consume(partition, turn);
    void this.#beat(turn);
  }

  /** While every partition is worked on, the handlers have to see to it. */
  async #beat(turn: number): Promise<void> {
    while (this.#isMine(turn)) {
      await this.parts.sleep(2_000);
      const isFetching = this.#working.size < Math.max(1, this.#assignedCount);
      if (this.#isMine(turn) && isFetching) await this.#heartbeat().catch(() => undefined);
    }
  }

  async #heartbeat(): Promise<void> {
    const { broker, link } = this.parts;
    const member = this.#member;
    if (!member) throw rebalancing();
    const isMember = await link.call('heartbeat', () => broker.beat(this.options.groupId, this.#topic, member));
    if (isMember) return this.#emit('heartbeat', {});
    void this.#rejoin();
    throw rebalancing();
  }

  async #rejoin(): Promise<void> {
    if (this.#isRejoining) return;
    this.#isRejoining = true;
    this.#turn += 1;
    try {
      // As kafkajs does: what is under way is waited for first.
      while (this.#working.size > 0) await this.parts.sleep(5);
      if (this.#isRunning) await this.#join();
    } catch (error) {
      this.#crash(error);
    } finally {
      this.#isRejoining = false;
    }
  }

  #isMine(turn: number): boolean {
    return this.#isRunning && this.#turn === turn;
  }

  /**
   * Fetches, hands out, fetches again: one partition, as if each had a broker of its own, for kafkajs fetches from one after
   * the other what lies on the same. What fails is tried again so often in all.
   */
  async #consume(partition: number, turn: number): Promise<void> {
    const { retries = 5 } = this.options.retry ?? {};
    for (let failures = 0; this.#isMine(turn);) {
      try {
        if (!(await this.#fetchNext(partition, turn))) await this.#forMore(partition);
      } catch (error) {
        if (isRebalancing(error)) return void this.#rejoin();
        if (!this.#isMine(turn)) return;
        if (failures === retries) return this.#crash(error);
        await this.parts.sleep(this.#backOff((failures += 1)));
      }
    }
  }

  #backOff(failures: number): number {
    const { initialRetryTime = 300, maxRetryTime = 30_000 } = this.options.retry ?? {};
    return Math.min(initialRetryTime * 2 ** (failures - 1), maxRetryTime);
  }

  async #fetchNext(partition: number, turn: number): Promise<boolean> {
    if (this.#paused.has(partition) || this.#working.has(partition)) return false;
    const sought = this.#seeks.get(partition);
    this.#seeks.delete(partition);
    if (sought !== undefined) this.#positions.set(partition, sought);
    const { broker, link } = this.parts;
    const topic = this.#topic;
    const known = this.#positions.get(partition);
    const found = await link.call('fetch', () => {
      const { low, high } = broker.marks(topic)[partition]!;
      // The group has no offsets: a partition begins with its first record, or with the next one.
      const from = known ?? (this.#fromBeginning ? low : high);
      return { from, high, records: broker.fetch(topic, partition, from, MOST) };
    });
    this.#positions.set(partition, found.from);
    this.#emit('fetch', {});
    if (!this.#isMine(turn) || this.#seeks.has(partition) || this.#paused.has(partition)) return false;
    if (found.records === 'out of range') {
      // kafkajs goes on behind our back with what the topic has.
      this.#positions.delete(partition);
      return false;
    }
    if (found.records.length === 0) return false;
    await this.#hand(partition, { ...found, records: found.records });
    return true;
  }

  /** As a broker holds a fetch back: until there is a record, or for so long. */
  async #forMore(partition: number): Promise<void> {
    const { broker, kernel, owner } = this.parts;
    const { waiting, records } = broker.partition(this.#topic, partition);
    const from = this.#seeks.get(partition) ?? this.#positions.get(partition) ?? 0;
    const isBehind = (records.at(-1)?.offset ?? -1) >= from;
    await new Promise<void>((resolve) => {
      const late = kernel.after(isBehind ? 50 : FETCH_MS, owner, resolve);
      waiting.push(() => {
        late.run = undefined;
        kernel.after(1, owner, resolve);
      });
    });
  }

  async #hand(
    partition: number,
    { from, records, high }: { from: number; records: readonly Stored[]; high: number },
  ): Promise<void> {
    const topic = this.#topic;
    const messages = records.map(messageOf);
    const last = messages.at(-1)!.offset;
    const batch = {
      ...{ topic, partition, messages, highWatermark: String(high), fetchedOffset: String(from) },
      ...{ lastOffset: () => last, firstOffset: () => messages[0]!.offset, isEmpty: () => false },
    };
    const resolveOffset = (offset: string): void => void this.#positions.set(partition, Number(offset) + 1);
    this.#working.add(partition);
    try {
      if (this.#run?.eachMessage) await this.#handEach(partition, messages);
      const payload = { batch, resolveOffset, heartbeat: () => this.#heartbeat() };
      await this.#run?.eachBatch?.(payload as unknown as EachBatchPayload);
      this.#emit('end_batch_process', {});
    } finally {
      this.#working.delete(partition);
    }
  }

  async #handEach(partition: number, messages: readonly KafkaMessage[]): Promise<void> {
    for (const message of messages) {
      await this.#run?.eachMessage?.({
        ...{ topic: this.#topic, partition, message, heartbeat: () => this.#heartbeat(), pause: () => () => undefined },
      });
      this.#positions.set(partition, Number(message.offset) + 1);
    }
  }

  #emit(event: string, payload: Record<string, unknown>): void {
    for (const handler of this.#handlers.get(event) ?? []) handler({ payload });
  }

  #crash(error: unknown): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#emit('crash', { error });
  }
}

const rebalancing = (): Error =>
  Object.assign(new Error('The group is rebalancing, so a rejoin is needed'), { type: 'REBALANCE_IN_PROGRESS' });
const isRebalancing = (error: unknown): boolean => (error as { type?: string }).type === 'REBALANCE_IN_PROGRESS';
