import { setTimeout as sleep } from 'node:timers/promises';

import { createPool, EventStore, readCheckpoints } from '#event-store';

const TICK_MS = 20;
/** How the pace changes from tick to tick: what is sent shows in the lag some ticks later. */
const FASTER = 1.003;
const SLOWER = 0.98;
/** What was not sent in time is sent later only as far as this: no view should see a burst. */
const MOST_SAVED_SECONDS = 0.05;

/** A pace that goes up while all views follow closely, and down while the oldest event that one of them lacks has waited longer. */
export class PaceOfViews {
  /** The longest that an event was seen to wait, in seconds. */
  most = 0;
  readonly #store: Promise<EventStore>;
  readonly #pool;
  /** Where the log ended at moments that some view has not reached. */
  readonly #ends: { position: number; at: number }[] = [];
  readonly #ticking: Promise<void>;
  #allowed = 0;
  #stopped = false;
  #gate: { opened: Promise<void>; open: () => void } | undefined;

  constructor(
    connectionString: string,
    private perSecond: number,
    private readonly withinSeconds: number,
  ) {
    this.#store = EventStore.open({ connectionString });
    this.#pool = createPool({ connectionString, max: 1 });
    this.#ticking = this.#tick();
  }

  /** Resolves when one more may be sent. */
  async next(): Promise<void> {
    while (this.#allowed < 1) await (this.#gate ??= closedGate()).opened;
    this.#allowed -= 1;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ticking;
    await this.#pool.end();
    await (await this.#store).close();
  }

  async #tick(): Promise<void> {
    const store = await this.#store;
    for (let last = performance.now(); !this.#stopped;) {
      const [{ position }, checkpoints] = await Promise.all([store.head(), readCheckpoints(this.#pool)]);
      const views = [...checkpoints].filter(([name]) => name.startsWith('projection:'));
      const now = performance.now();
      const lag = this.#lagOf(position, Math.min(...views.map(([, reached]) => reached)), now);
      this.most = Math.max(this.most, lag);
      this.perSecond *= lag > this.withinSeconds ? SLOWER : FASTER;
      const more = this.#allowed + (this.perSecond * (now - last)) / 1_000;
      this.#allowed = Math.min(more, this.perSecond * MOST_SAVED_SECONDS);
      last = now;
      this.#gate?.open();
      this.#gate = undefined;
      await sleep(TICK_MS);
    }
  }

  #lagOf(position: number, reached: number, now: number): number {
    if (position > (this.#ends.at(-1)?.position ?? reached)) this.#ends.push({ position, at: now });
    while (this.#ends[0] && this.#ends[0].position <= reached) this.#ends.shift();
    return this.#ends[0] ? (now - this.#ends[0].at) / 1_000 : 0;
  }
}

const closedGate = () => {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};
