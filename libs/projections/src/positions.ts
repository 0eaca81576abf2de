import { readCheckpoints, type Queryable } from '#event-store';

import { checkpointOf } from './advance.js';
import type { Projection, ViewName } from './projection.js';

const FIRST_POLL_MS = 10;
const LONGEST_POLL_MS = 100;

type Waiting = Readonly<{ names: readonly ViewName[]; position: number; settle: (error?: unknown) => void }>;

/** Of a view as it is stored: which version of its code built it (0: none yet), and how far it is. */
export type Built = Readonly<{ version: number; position: number }>;

/** How the views are stored, by their names. */
export const readBuilt = async (database: Queryable): Promise<Map<ViewName, Built>> => {
  const versions = await database.query('select name, version from projections');
  // Only then: who sees what a build has committed must see its checkpoint too.
  const checkpoints = await readCheckpoints(database);
  return new Map(
    versions.rows.map(({ name, version }) => [name, { version, position: checkpoints.get(checkpointOf(name)) ?? 0 }]),
  );
};

/**
 * How far the views are: known at once of what this replica applies, else asked from the database while somebody waits. One
 * that was built by an older version of its code, or by none yet, has reached nothing: this code would misread it.
 */
export class Positions {
  readonly #reached = new Map<ViewName, number>();
  readonly #waiting = new Set<Waiting>();
  #asking: Promise<void> | undefined;
  #polling = false;
  #pollMs = FIRST_POLL_MS;

  constructor(
    private readonly database: Queryable,
    private readonly views: readonly Projection[],
  ) {}

  /** Whether all of these views can be read by this version of the code. Once they can, nobody is asked again, and it is said at once. */
  areBuilt(names: readonly ViewName[]): true | Promise<boolean> {
    const has = (name: ViewName) => this.#reached.has(name);
    if (names.every(has)) return true;
    this.#asking ??= this.#look().finally(() => (this.#asking = undefined));
    return this.#asking.then(() => names.every(has));
  }

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
    try {
      await this.#look();
    } catch (error) {
      for (const waiting of this.#waiting) waiting.settle(error);
    }
  }

  async #look(): Promise<void> {
    const built = await readBuilt(this.database);
    for (const { name, version } of this.views) {
      const stored = built.get(name);
      if (stored && stored.version >= version) this.reached(name, stored.position);
    }
  }
}
