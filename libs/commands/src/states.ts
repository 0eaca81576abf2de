import { LRUCache } from 'lru-cache';

import { evolve, lacks, withoutHistory, type Origin, type Target } from '#domain';
import { NO_STREAM, type StoredEvent, type StreamSnapshot } from '#event-store';

import { foldTarget, initialOf, placedEvent, type Folded } from './fold.js';
import type { Fold } from './line.js';
import { Staleness } from './staleness.js';
import { parseState, stateJson } from './state-json.js';
import type { Store } from './types.js';

/** A stream's state, as the event `head` left it, and the version of the one that is written in the database, if this process wrote it. */
export type Standing = Readonly<{ target: Target; head: string; stored: number }>;

/** What this process did not write may be what none that reads it often keeps: it is written with the next event. */
const NOT_OURS = -Infinity;

/**
 * A standing that was read or made; `unplaced` are origins whose positions were not known when that was written which was read.
 * The weight is the length of the state's JSON.
 */
type Known = { readonly standing: Standing; unplaced: readonly Origin[]; readonly weight: number };

/** How many streams' states are kept, and of what weight together, beyond the batch that needs more. */
export type Room = Readonly<{ states: number; weight: number }>;

/** Folds are as large as their streams, and few streams need one at a time. */
const FOLDS_KEPT = 8;

/**
 * The states of the streams used last. They are hints: the `head` in the append decides whether a state was the present
 * one. While a batch is under way they are already those that it will leave.
 */
export class States {
  readonly #known: LRUCache<string, Known>;
  #weight = 0;
  readonly #staleness = new Staleness();
  /** Folds whose commands have not passed yet: where others append meanwhile, the next fold goes on from there. */
  readonly #folds = new LRUCache<string, Folded>({ max: FOLDS_KEPT });

  constructor(
    private readonly store: Store,
    private readonly room: Room,
  ) {
    this.#known = new LRUCache({ max: room.states, dispose: ({ weight }) => (this.#weight -= weight) });
  }

  /** How long the JSON of a stream's state was when it was last read or written; 0 of one that is not held. */
  weightOf(stream: string): number {
    return this.#known.peek(stream)?.weight ?? 0;
  }

  /** Undefined where the stream has to be folded first: its state was written with another schema. */
  get(stream: string): Standing | undefined {
    return this.#known.get(stream)?.standing;
  }

  /** What is decided on a standing goes on without the positions that this one lacks, and weighs the same if that is not known. */
  set(stream: string, standing: Standing, weight?: number): void {
    const before = this.#known.get(stream);
    this.#keep(stream, { standing, unplaced: before?.unplaced ?? [], weight: weight ?? before?.weight ?? 0 });
  }

  /** States that this process leaves are read again soon: by others that write to the same streams, or by itself, which cannot hold all. */
  get areRead(): boolean {
    return this.#staleness.isHigh || this.#known.size >= this.room.states;
  }

  #keep(stream: string, known: Known): void {
    this.#weight += known.weight;
    this.#known.set(stream, known);
  }

  /** Lets go of the states used longest ago while all together are too heavy; those of these streams, of a batch to be decided, stay. */
  trim(streams: ReadonlySet<string>): void {
    if (this.#weight <= this.room.weight) return;
    for (const stream of streams) this.#known.get(stream);
    while (this.#weight > this.room.weight && this.#known.size > streams.size) this.#known.pop();
  }

  forget(streams: Iterable<string>): void {
    for (const stream of streams) this.#known.delete(stream);
  }

  /** What was decided on this stream's fold, if there was one, was appended. */
  passed(stream: string): void {
    this.#folds.delete(stream);
  }

  /** So many states of a batch were relied on, and so many of them were not the present ones. */
  reliedOn(states: number, stale: number): void {
    // Those that were asked for just now say nothing about what is held.
    if (!this.#staleness.isHigh) this.#staleness.saw(states, stale);
  }

  /** Takes over where a stream really stands, or lets go of it where more has to be read; null where there is none. */
  replace(stream: string, snapshot: StreamSnapshot | null): void {
    this.forget([stream]);
    if (snapshot === null) this.set(stream, { target: initialOf(stream), head: NO_STREAM, stored: NOT_OURS }, 0);
    else if (snapshot.stateVersion === snapshot.version) this.#take(snapshot, []);
  }

  /** A snapshot with the events above its state. One that cannot be made a state is left out: its stream is folded. */
  #take({ stream, state, ...stands }: StreamSnapshot, above: readonly StoredEvent[]): void {
    let target = parseState(state);
    for (const event of above.map(placedEvent)) {
      if (target === undefined || lacks(target, event)) return;
      target = evolve(target, event);
    }
    if (target === undefined || target.version < stands.version) return;
    const { version, position, id: head } = above.at(-1) ?? { ...stands, id: stands.head };
    const unplaced = unplacedOf(target, { version, position });
    this.#keep(stream, { standing: { target, head, stored: NOT_OURS }, unplaced, weight: state.length });
  }

  /**
   * Which of these streams have to be read first; none, as a rule. Where other processes write to the same streams, all that
   * no batch under way has made ahead of the log: to ask is cheaper than to decide and to be refused.
   */
  missing(streams: Iterable<string>, isAhead: (stream: string) => boolean): string[] {
    const doubted = this.#staleness.isHigh;
    const missing: string[] = [];
    for (const stream of streams) {
      if (!this.#known.has(stream) || (doubted && !isAhead(stream))) missing.push(stream);
    }
    return missing;
  }

  /** Reads where these streams stand, those that are held only if they have moved. */
  async load(missing: readonly string[]): Promise<void> {
    const held = new Set(missing.filter((stream) => this.#known.has(stream)));
    const heads = missing.map((stream) => this.get(stream)?.head ?? NO_STREAM);
    const snapshots = await this.store.loadStreams(missing, heads);
    const behind = [...snapshots.values()].filter(({ version, stateVersion }) => stateVersion < version);
    let moved = 0;
    for (const stream of missing) {
      const snapshot = snapshots.get(stream);
      if (snapshot !== undefined || !held.has(stream)) this.replace(stream, snapshot ?? null);
      if (snapshot !== undefined && held.has(stream)) moved += 1;
    }
    this.#staleness.saw(held.size, moved);
    if (behind.length > 0) await this.#catchUp(behind);
  }

  /** States that lag behind their streams are brought up to them. */
  async #catchUp(snapshots: readonly StreamSnapshot[]): Promise<void> {
    const above = await this.store.readAbove(
      new Map(snapshots.map(({ stream, stateVersion }) => [stream, stateVersion])),
    );
    for (const snapshot of snapshots) this.#take(snapshot, above.get(snapshot.stream) ?? []);
  }

  /** Reads the stream itself instead of its state: the whole of it, or what came since it was folded last. */
  async fold(stream: string, fold: Fold): Promise<void> {
    const folded = await foldTarget(this.store, stream, this.#folds.get(stream));
    this.#folds.set(stream, folded);
    const { target, head } = folded;
    const small = withoutHistory(target);
    const standing = { target: fold === 'history' ? target : small, head: head ?? NO_STREAM, stored: NOT_OURS };
    this.set(stream, standing, stateJson(small).length);
  }

  /**
   * Reads the positions that the states of these streams lack. No decision needs them, only the answers, so it may go on beside
   * the append.
   */
  async place(streams: Iterable<string>): Promise<void> {
    const cells: Array<{ stream: string; origin: Origin }> = [];
    for (const stream of streams) {
      const known = this.#known.get(stream);
      if (known === undefined || known.unplaced.length === 0) continue;
      known.unplaced = known.unplaced.filter(({ position }) => position === null);
      for (const origin of known.unplaced) cells.push({ stream, origin });
    }
    if (cells.length === 0) return;
    const positions = await this.store.positionsOf(
      cells.map(({ stream, origin }) => ({ stream, version: origin.version })),
    );
    cells.forEach(({ stream, origin }, i) => {
      const position = positions[i];
      if (position === undefined) throw new Error(`${stream} has no event of version ${origin.version}`);
      origin.position = position;
    });
  }
}

/** Origins without a position, but for what the snapshot itself tells: its last event stands where the stream stands. */
function unplacedOf(
  { open, current }: Target,
  { version, position }: Pick<StreamSnapshot, 'version' | 'position'>,
): Origin[] {
  const unplaced: Origin[] = [];
  for (const deployment of current === null ? open : [...open, current]) {
    const { created } = deployment;
    if (created.version === version) created.position = position;
    else if (created.position === null) unplaced.push(created);
  }
  return unplaced;
}
