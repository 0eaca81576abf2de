import type { EventStore, Pool } from '#event-store';
import type { Logger } from '#runtime';

import { PAGE } from './advance.js';
import { Loop, type LoopState } from './loop.js';
import { Positions, readBuilt } from './positions.js';
import type { Projection, ViewName } from './projection.js';
import { projections } from './projections.js';
import { readPage, type LogPage } from './read-log.js';
import { RecentEvents } from './recent-events.js';
import { RecentTargets } from './recent-targets.js';
import { rebuild } from './rebuild.js';

export type RunnerOptions = Readonly<{
  store: Pick<EventStore, 'readRows' | 'readStream' | 'head' | 'onAppend'>;
  /** Each projection takes one connection while it applies a page. */
  pool: Pool;
  log: Logger;
  /** All of them unless given. */
  projections?: readonly Projection[];
}>;

/**
 * `version`, `position` and `lag` are of the view, whichever replica runs it; `state` and `error` are of this replica. `version`
 * is that of the code that built it, or will be the first to. It is `building` where this replica waits for a newer version
 * of it than is there: it cannot read that one, and `position` is 0.
 */
export type ProjectionStatus = Readonly<{
  name: ViewName;
  version: number;
  position: number;
  lag: number;
  state: LoopState | 'idle';
  error?: string;
}>;

/**
 * Keeps the views up to date. Any number of replicas run one each: a page is applied by whichever gets to it first, the
 * others find it done, and when one dies another goes on from the checkpoint.
 */
export class ProjectionRunner {
  readonly #loops: readonly Loop[];
  readonly #recent: RecentEvents;
  readonly #positions: Positions;
  #running: Promise<unknown> | undefined;
  #silence: (() => void) | undefined;

  constructor(private readonly options: RunnerOptions) {
    const { store, pool, log } = options;
    const all = options.projections ?? projections;
    this.#positions = new Positions(pool, all);
    const oneByOne = inTurn();
    const targets = new RecentTargets();
    const read = async (after: number): Promise<LogPage> => {
      const page = await readPage(store, after, PAGE);
      targets.fold(page.events);
      return page;
    };
    this.#recent = new RecentEvents(read, PAGE);
    const source = { pool, log: store, readPage: (after: number) => this.#recent.page(after) };
    this.#loops = all.map(
      (projection) =>
        new Loop(projection, {
          source,
          logger: log,
          rebuild: (each, signal) => oneByOne(() => rebuild(each, { pool, log: store, signal }), signal),
          reached: (name, position) => this.#positions.reached(name, position),
        }),
    );
  }

  /** Begins, with a build of each view that an older version of its code built, or none yet. */
  async start(): Promise<void> {
    const all = this.#loops.map(({ projection }) => projection);
    const { position } = await this.options.store.head();
    // A new view of a log that has events is built like an old one: page after page it would be read while half of it is missing.
    await this.options.pool.query(
      'insert into projections select * from unnest($1::text[], $2::integer[]) on conflict do nothing',
      [all.map(({ name }) => name), all.map(({ version }) => (position === 0 ? version : 0))],
    );
    this.#silence = this.options.store.onAppend((end) => {
      this.#recent.grew(end);
      this.#loops.forEach((loop) => loop.wake());
    });
    this.#running = Promise.all(this.#loops.map((loop) => loop.run()));
  }

  /** Ends after the pages that are under way. */
  async stop(): Promise<void> {
    this.#silence?.();
    this.#loops.forEach((loop) => loop.stop());
    await this.#running;
  }

  /** Whether all of these views have reached the position, on any replica; waits for it up to so many milliseconds. */
  waitForPosition(names: readonly ViewName[], position: number, timeoutMs: number): Promise<boolean> {
    return this.#positions.waitFor(names, position, timeoutMs);
  }

  /** Whether all of these views can be read by this version of the code; said at once where it is known. */
  areBuilt(names: readonly ViewName[]): true | Promise<boolean> {
    return this.#positions.areBuilt(names);
  }

  async status(): Promise<ProjectionStatus[]> {
    const [built, head] = await Promise.all([readBuilt(this.options.pool), this.options.store.head()]);
    return this.#loops.map(({ projection: { name, version }, state, error }) => {
      const stored = built.get(name) ?? { version: 0, position: 0 };
      const isOld = stored.version < version;
      const position = isOld ? 0 : stored.position;
      const own = this.#running ? state : 'idle';
      return {
        name,
        version: stored.version || version,
        position,
        lag: Math.max(0, head.position - position),
        state: isOld && (own === 'running' || own === 'idle') ? 'building' : own,
        ...(error ? { error } : {}),
      };
    });
  }
}

/** One after the other: builds hold much of the log in memory, and several take no less time together. */
const inTurn = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> => {
    const turn = last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
};
