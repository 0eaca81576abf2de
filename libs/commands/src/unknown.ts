import { setTimeout as sleep } from 'node:timers/promises';

import { isUnavailable, type StoredOutcome } from '#event-store';
import type { Logger } from '#runtime';

import type { Pending } from './pending.js';
import type { Store } from './types.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Commands of which nobody knows whether they were appended, because the connection was lost before the answer came.
 * They are looked up by command id, for as long as it takes, before anything is answered or tried again.
 *
 * One that is not found may still be appended later, by a call that the server goes on with although its connection is
 * gone. Trying it again is safe all the same: the append function runs one call at a time and lets a stream pass only
 * if none of its command ids has an outcome. Whichever call comes second is refused and gives back the outcome of the
 * first, and because streams pass whole, the order within a stream holds as well.
 */
export class Unknown {
  #pendings: Pending[] = [];
  #looking = false;
  #stopped = false;

  constructor(
    private readonly store: Store,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly resolve: (outcomes: ReadonlyArray<readonly [Pending, StoredOutcome | undefined]>) => void,
  ) {}

  /** While it is, nothing new may be sent: the database is away, or commands wait to go first. */
  get active(): boolean {
    return this.#looking;
  }

  add(pendings: readonly Pending[], error: unknown): void {
    this.#pendings.push(...pendings);
    if (this.#looking) return;
    this.#looking = true;
    this.log.warn({ err: error, commands: pendings.length }, 'The database is away; outcomes have to be looked up');
    void this.#lookUp();
  }

  /** Looks up nothing more. */
  stop(): void {
    this.#stopped = true;
  }

  async #lookUp(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#stopped; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await sleep(pause * (0.5 + Math.random() / 2));
      const asked = this.#pendings.slice();
      const outcomes = await this.#outcomesOf(asked);
      if (outcomes === undefined) continue;
      this.#pendings = this.#pendings.slice(asked.length);
      const done = this.#pendings.length === 0;
      this.#looking = !done;
      this.resolve(asked.map((pending, i) => [pending, outcomes[i]]));
      if (done) return;
    }
  }

  async #outcomesOf(pendings: readonly Pending[]): Promise<Array<StoredOutcome | undefined> | undefined> {
    try {
      return await this.store.loadOutcomes(
        pendings.map(({ stream, submission: { commandId } }) => ({ stream, commandId })),
      );
    } catch (error) {
      if (!isUnavailable(error)) this.log.warn({ err: error }, 'Outcomes could not be looked up');
      return undefined;
    }
  }
}
