/** Of one partition: while the first is decided, the second is fetched and read. */
const BATCHES_AT_ONCE = 2;

/** The batches that were taken in and are not handled yet, by partition, in the order of their offsets. */
export class UnderWay {
  readonly #partitions = new Map<number, Promise<void>[]>();

  /** Waits until one more batch of the partition may be taken in; rejects when one of it failed. */
  async room(partition: number): Promise<void> {
    const batches = this.#of(partition);
    while (batches.length >= BATCHES_AT_ONCE) await batches[0];
  }

  /**
   * Calls `reached` when this batch and all before it are handled. What follows one that failed never is: its own promise
   * and theirs reject.
   */
  add(partition: number, done: Promise<void>, reached: () => void): Promise<void> {
    const batches = this.#of(partition);
    const handled = inOrder(batches.at(-1), done).then(() => {
      void batches.shift();
      reached();
    });
    handled.catch(() => undefined);
    batches.push(handled);
    return handled;
  }

  /** Waits until all of them are handled. */
  async over(): Promise<void> {
    await Promise.all([...this.#partitions.values()].flat());
  }

  #of(partition: number): Promise<void>[] {
    const batches = this.#partitions.get(partition) ?? [];
    this.#partitions.set(partition, batches);
    return batches;
  }
}

async function inOrder(before: Promise<void> | undefined, done: Promise<void>): Promise<void> {
  await Promise.all([before, done]);
}
