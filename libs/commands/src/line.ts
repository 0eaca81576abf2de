import type { Pending } from './pending.js';

/** One append is one message to the server, and holds its lock for as long as it takes. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** What a stream must be folded from the log for, before its commands go on. */
export type Fold = 'state' | 'history';

/** A stream with a batch under way, or with a fold. */
type Lane = {
  underWay: number;
  /** Nothing of the stream may join a further batch. */
  closed: boolean;
  /** A command of the stream came back, so nothing that was submitted after it may be decided before it. */
  stopped: boolean;
  fold: Fold | undefined;
  held: Pending[];
};

/**
 * The commands that wait, in order of arrival, those that came back included. It keeps the order within each stream
 * and lets the other streams go on: a stream whose commands came back is stopped until no batch with it is under way.
 */
export class Line {
  #size = 0;
  #queue: Pending[] = [];
  #next = 0;
  readonly #lanes = new Map<string, Lane>();

  /** How many commands wait. */
  get size(): number {
    return this.#size;
  }

  /** How many of them could go now, if no stream were closed. */
  get ready(): number {
    return this.#queue.length - this.#next;
  }

  add(pending: Pending): void {
    this.#queue.push(pending);
    this.#size += 1;
  }

  /** One that waits was settled; `take` passes over it. */
  leave(): void {
    this.#size -= 1;
  }

  /** The next batch, at most `max` commands, and no more once they have 8 MiB. */
  take(max: number): Pending[] {
    const taken: Pending[] = [];
    let room = max;
    let bytes = 0;
    for (; this.#next < this.#queue.length && taken.length < room && bytes < BATCH_BYTES; this.#next += 1) {
      const pending = this.#queue[this.#next]!;
      if (pending.settled) continue;
      const lane = this.#lanes.get(pending.stream);
      if (lane?.closed) {
        lane.held.push(pending);
        continue;
      }
      if (taken.length >= pending.company) break;
      room = Math.min(room, pending.company);
      bytes += pending.bytes;
      pending.underWay = true;
      taken.push(pending);
    }
    this.#size -= taken.length;
    this.#dropTaken();
    return taken;
  }

  /** A batch with these streams sets out. */
  depart(streams: Iterable<string>): void {
    for (const stream of streams) {
      const lane = this.#lanes.get(stream);
      if (lane === undefined) {
        this.#lanes.set(stream, { underWay: 1, closed: true, stopped: false, fold: undefined, held: [] });
      } else {
        lane.underWay += 1;
        lane.closed = true;
      }
    }
  }

  /**
   * The batch under way appends to this stream, so another may follow it before it is back: decided on the event that
   * the first appends last, the second passes only if the first did. Without such an event it could overtake the first.
   */
  follow(stream: string): void {
    const lane = this.#lanes.get(stream)!;
    lane.closed = lane.stopped;
  }

  /** Commands of this stream came back: nothing goes on in it until no batch with it is under way and it was folded. */
  stop(stream: string, fold?: Fold): void {
    const lane = this.#lanes.get(stream)!;
    lane.closed = true;
    lane.stopped = true;
    lane.fold = fold ?? lane.fold;
  }

  /** Another batch with this stream is under way besides the one that set out last. */
  isShared(stream: string): boolean {
    return (this.#lanes.get(stream)?.underWay ?? 0) > 1;
  }

  isStopped(stream: string): boolean {
    return this.#lanes.get(stream)?.stopped === true;
  }

  /**
   * A batch with these streams is back, or a fold is done. Returns the streams to be folded now; each stays stopped
   * until `arrive` is told of it again.
   */
  arrive(streams: Iterable<string>): Array<[stream: string, fold: Fold]> {
    const folds: Array<[string, Fold]> = [];
    const released: Pending[] = [];
    for (const stream of streams) {
      const lane = this.#lanes.get(stream)!;
      lane.underWay -= 1;
      if (lane.underWay > 0) continue;
      if (lane.fold === undefined) {
        this.#lanes.delete(stream);
        released.push(...lane.held);
      } else {
        folds.push([stream, lane.fold]);
        lane.fold = undefined;
        lane.underWay = 1;
      }
    }
    this.#insert(released);
    return folds;
  }

  /** Commands that were taken have to be decided again: they go before all that arrived later. */
  putBack(pendings: readonly Pending[]): void {
    for (const pending of pendings) pending.underWay = false;
    this.#size += pendings.length;
    this.#insert(pendings);
  }

  /** The command of this stream that waits longest. */
  firstOf(stream: string): Pending | undefined {
    const waiting = [...(this.#lanes.get(stream)?.held ?? []), ...this.#queue.slice(this.#next)];
    return waiting.filter((pending) => pending.stream === stream && !pending.settled).toSorted(byArrival)[0];
  }

  #insert(pendings: readonly Pending[]): void {
    if (pendings.length === 0) return;
    const latest = Math.max(...pendings.map(({ arrival }) => arrival));
    let end = this.#next;
    while (end < this.#queue.length && this.#queue[end]!.arrival < latest) end += 1;
    const merged = [...pendings, ...this.#queue.slice(this.#next, end)].sort(byArrival);
    this.#queue = merged.concat(this.#queue.slice(end));
    this.#next = 0;
  }

  #dropTaken(): void {
    if (this.#next < 1_000 && this.#next < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
  }
}

const byArrival = (a: Pending, b: Pending): number => a.arrival - b.arrival;
