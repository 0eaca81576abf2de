import { Inject, Injectable } from '@nestjs/common';
import { CommandQueue } from '#commands';
import type { Pool } from '#event-store';
import type { InboxStatus } from '#kafka';
import { Metrics, within } from '#runtime';
import { POOLS } from '../../parts.js';
import { Standing } from './standing.js';

const LAGS_MS = 2_000;

/** What is not counted as it happens, but looked up when somebody asks. */
@Injectable()
export class Gauges {
  private underWay: Promise<void> | undefined;

  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Standing) private readonly standing: Standing,
    @Inject(CommandQueue) private readonly queue: CommandQueue,
    @Inject(POOLS) private readonly pools: Readonly<Record<string, Pool>>,
  ) {}

  /** Whoever asks while somebody is being answered gets the same: `/metrics` is open, and a flood of it must cost no more than one. */
  measure(): Promise<void> {
    this.underWay ??= this.measureAll().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async measureAll(): Promise<void> {
    const { commandsQueued, commandsUnanswered, inboxLag, loopHalted } = this.metrics;
    const { queued, unanswered } = this.queue.stats();
    commandsQueued.set(queued);
    commandsUnanswered.set(unanswered);
    const loops = this.standing.loops();
    inboxLag.set((loops as { inbox?: InboxStatus }).inbox?.lag ?? 0);
    for (const [name, loop] of Object.entries(loops)) loopHalted.set({ name }, isHalted(loop) ? 1 : 0);
    this.measurePools();
    await this.measureLags();
  }

  private measurePools(): void {
    const { poolConnections, poolWaiting } = this.metrics;
    for (const [name, { idleCount, totalCount, waitingCount }] of Object.entries(this.pools)) {
      poolConnections.set({ pool: name, state: 'idle' }, idleCount);
      poolConnections.set({ pool: name, state: 'busy' }, totalCount - idleCount);
      poolWaiting.set({ pool: name }, waitingCount);
    }
  }

  private async measureLags(): Promise<void> {
    const { lag, lagSeconds } = this.metrics;
    lag.reset();
    lagSeconds.reset();
    try {
      const { projections, relays, sealer } = await within(LAGS_MS, this.standing.now());
      const all = [
        ...projections.map((each) => ({ kind: 'projection', each })),
        ...relays.map((each) => ({ kind: 'relay', each })),
        { kind: 'sealer', each: { ...sealer, name: 'audit' } },
      ];
      for (const { kind, each } of all) {
        lag.set({ kind, name: each.name }, each.lag);
        lagSeconds.set({ kind, name: each.name }, each.lagSeconds);
      }
    } catch {
      // While the database is away there is no lag to tell; the other metrics are all the more of interest.
    }
  }
}

/** The whole loop, or a part of it, as a partition or a topic. */
const isHalted = (loop: object): boolean =>
  (loop as { state?: unknown }).state === 'halted' ||
  Object.values(loop)
    .flat()
    .some((part: unknown) => typeof part === 'object' && part !== null && isHalted(part));
