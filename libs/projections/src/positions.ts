import { readCheckpoints, type Queryable } from '#event-store';

import { checkpointOf } from './advance.js';
import type { ViewName } from './projection.js';

const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 100;

type Waiting = Readonly<{ names: readonly ViewName[]; position: number; settle: (error?: unknown) => void }>;

/** How far the views are: known at once of what this replica applies, else asked from the database while somebody waits. */
export class Positions {
  readonly #reached = new Map<ViewName, number>();
  readonly #waiting = new Set<Waiting>();
  #polling = false;
  #pollMs = FIRST_POLL_MS;

  constructor(private readonly database: Queryable) {}

  /** A view has committed this position. */
  reached(name: ViewName, position: number): void {
    if (position <= (this.#reached.get(name) ?? -1)) return;
    this.#reached.set(name, position);
    for (const waiting of this.#waiting) if (this.#have(waiting)) waiting.settle();
  }

  /** Whether all of these views have reached the position, waiting for it up to so many milliseconds. */
  async waitFor(names: readonly ViewName[], position: number, timeoutMs: number): Promise<boolean> {
    if (this.#have({ names, position })) return true;
    let timer: NodeJS.Timeout | undefined;
    let waiting: Waiting | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiting = { names, position, settle: (error) => (error === undefined ? resolve() : reject(error)) };
        this.#waiting.add(waiting);
        timer = setTimeout(resolve, timeoutMs);
        this.#pollMs = FIRST_POLL_MS;
        void this.#poll();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting!);
    }
    return this.#have({ names, position });
  }

  #have({ names, position }: Pick<Waiting, 'names' | 'position'>): boolean {
    return names.every((name) => (this.#reached.get(name) ?? -1) >= position);
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    // First of all a wait: mostly it is this replica that gets there, and nothing needs to be asked.
    for (; this.#waiting.size > 0; this.#pollMs = Math.min(2 * this.#pollMs, LONGEST_POLL_MS)) {
      await new Promise((resolve) => setTimeout(resolve, this.#pollMs));
      if (this.#waiting.size > 0) await this.#ask();
    }
    this.#polling = false;
  }

  async #ask(): Promise<void> {
    const names = new Set([...this.#waiting].flatMap((waiting) => waiting.names));
    try {
      const checkpoints = await readCheckpoints(this.database);
      for (const name of names) this.reached(name, checkpoints.get(checkpointOf(name)) ?? 0);
    } catch (error) {
      for (const waiting of this.#waiting) waiting.settle(error);
    }
  }
}
