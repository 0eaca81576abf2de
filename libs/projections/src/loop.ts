import { isUnavailable } from '#event-store';
import { Bell, type Logger } from '#runtime';

import { Follower, ViewIsAhead, type Source } from './advance.js';
import { UnknownEventType } from './log-events.js';
import type { Projection, ViewName } from './projection.js';
import { BuildUnderWay } from './site.js';

const POLL_MS = 1_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * `superseded`: a newer release built the view, and this one leaves it alone. `waiting`: the database is away. `stopped`: an
 * event could not be applied; the view stands still here until somebody acts, for what is skipped would be missing for ever.
 */
export type LoopState = 'running' | 'building' | 'superseded' | 'waiting' | 'stopped';

export type LoopParts = Readonly<{
  source: Source;
  logger: Logger;
  rebuild: (projection: Projection, signal: AbortSignal) => Promise<number>;
  reached: (name: ViewName, position: number) => void;
}>;

/** Runs one projection: page after page while they are full, then at each ring, and every second in case none came. */
export class Loop {
  state: LoopState = 'running';
  error: string | undefined;
  readonly #bell = new Bell();
  readonly #stopping = new AbortController();
  readonly #follower: Follower;
  #failures = 0;

  constructor(
    readonly projection: Projection,
    private readonly parts: LoopParts,
  ) {
    this.#follower = new Follower(projection, parts.source);
  }

  wake(): void {
    this.#bell.ring();
  }

  /** Ends the loop after the page that is under way. */
  stop(): void {
    this.#stopping.abort();
    this.#bell.ring();
  }

  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted && this.state !== 'stopped') {
      try {
        const pauseMs = await this.#turn();
        this.#failures = 0;
        if (pauseMs > 0) await this.#bell.sleep(pauseMs);
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  /** Answers how long to sleep before the next turn. */
  async #turn(): Promise<number> {
    const turn = await this.#follower.advance();
    if (turn.kind === 'version') return this.#meet(turn.stored);
    this.#become('running');
    if (turn.kind === 'taken') return POLL_MS;
    this.parts.reached(this.projection.name, turn.position);
    return turn.full ? 0 : POLL_MS;
  }

  /** Another version of the code built the view: an older one's is built anew, a newer one's is left to the newer code. */
  async #meet(stored: number): Promise<number> {
    const { name, version } = this.projection;
    if (stored > version) {
      this.#become('superseded');
      return POLL_MS;
    }
    this.#become('building');
    this.parts.logger.info({ view: name, from: stored, to: version }, 'Building the view anew');
    const position = await this.parts.rebuild(this.projection, this.#stopping.signal);
    this.parts.reached(name, position);
    this.parts.logger.info({ view: name, version, position }, 'Built the view anew');
    return 0;
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { name: view } = this.projection;
    if (error instanceof BuildUnderWay) return this.#bell.sleep(POLL_MS);
    if (!isUnavailable(error)) {
      this.#become('stopped', error);
      this.parts.logger.error({ err: error, view }, 'The view stands still: an event could not be applied');
      return;
    }
    if (this.state !== 'waiting') this.parts.logger.warn({ err: error, view }, 'The view waits for the database');
    this.#become('waiting', error);
    this.#failures += 1;
    await this.#bell.sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 10), LONGEST_PAUSE_MS));
  }

  #become(state: LoopState, error?: unknown): void {
    this.state = state;
    this.error = error === undefined ? undefined : publicReason(error);
  }
}

/** Health asks for no token, and another message may have keys of somebody's project in it. */
const publicReason = (error: unknown): string =>
  error instanceof UnknownEventType || error instanceof ViewIsAhead || isUnavailable(error)
    ? (error as Error).message
    : 'An event could not be applied; the log of the process says why.';
