import { createHash } from 'node:crypto';
import { randomFrom, type Random } from '../../support/random.js';

/** Who does something: a process (one life of it), the database, the broker, the world. What a dead one still had to do is dropped. */
export class Owner {
  isAlive = true;
  /** A process that is stopped does nothing until then. */
  stoppedUntil = 0;

  constructor(
    readonly name: string,
    /** How far its clock is off, in milliseconds. */
    readonly skewMs = 0,
  ) {}
}

type Due = { at: number; order: number; owner: Owner; run: (() => void) | undefined };
/** What is still to come, and can be called off. */
export type Appointment = { run: (() => void) | undefined };

/** When the world of a simulation begins. */
export const EPOCH_MS = Date.UTC(2026, 10, 20, 10);
const TRACED = 5_000;

/** Everything that happens in one simulation, in one order, by one seed and one clock. */
export class Kernel {
  readonly random: Random;
  readonly world = new Owner('world');
  /** Milliseconds since the beginning. */
  now = 0;
  /** Whose code runs now; whoever is called is called by it. */
  current = this.world;
  readonly trace: string[] = [];
  readonly #hash = createHash('sha256');
  readonly #heap: Due[] = [];
  #orders = 0;
  steps = 0;

  constructor(readonly seed: number) {
    this.random = randomFrom(seed);
  }

  /** A number from 0 to `below`, without it. */
  upTo(below: number): number {
    return Math.floor(this.random() * below);
  }

  chance(of: number): boolean {
    return this.random() < of;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.upTo(list.length)]!;
  }

  /** Has `owner` do something in so many milliseconds, unless it is dead by then. */
  after(ms: number, owner: Owner, run: () => void): Appointment {
    const due: Due = { at: this.now + Math.max(0, ms), order: (this.#orders += 1), owner, run };
    this.#push(due);
    return due;
  }

  /** Part of what tells one run from another, and of what is printed of one that fails. */
  note(what: string): void {
    const line = `${this.now.toFixed(3)} ${what}`;
    this.#hash.update(line);
    this.trace.push(line);
    if (this.trace.length > 2 * TRACED) this.trace.splice(0, TRACED);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Goes on until `isOver`, or until the moment. */
  async run(until: number, isOver: () => boolean = () => false): Promise<void> {
    for (let due = this.#heap[0]; due !== undefined && due.at <= until && !isOver(); due = this.#heap[0]) {
      this.#pop();
      const { run, owner } = due;
      if (run === undefined || !owner.isAlive) continue;
      if (owner.stoppedUntil > due.at) {
        // The same appointment, for it may still be called off.
        due.at = owner.stoppedUntil;
        this.#push(due);
        continue;
      }
      this.now = due.at;
      this.current = owner;
      this.steps += 1;
      run();
      await settled();
    }
    this.current = this.world;
    this.now = Math.max(this.now, isOver() ? this.now : until);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Ticks come behind all microtasks; no part that is simulated asks for one itself. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
