import { LRUCache } from 'lru-cache';

import { withoutHistory, type Origin, type Target } from '#domain';
import { NO_STREAM, type StreamSnapshot } from '#event-store';

import { foldTarget, initialOf } from './fold.js';
import type { Fold } from './line.js';
import { parseState } from './state-json.js';
import type { Store } from './types.js';

/** A stream's state, as the event `head` left it. */
export type Standing = Readonly<{ target: Target; head: string }>;

/**
 * The states of the streams used last. They are hints: the `head` in the append decides whether a state was the present
 * one. While a batch is under way they are already those that it will leave.
 */
export class States {
  readonly #standings: LRUCache<string, Standing>;
  /** Of states read from the database: the origins whose positions were not known when they were written. */
  readonly #unplaced = new Map<string, Origin[]>();

  constructor(
    private readonly store: Store,
    max: number,
  ) {
    this.#standings = new LRUCache({ max });
  }

  /** Undefined where the stream has to be folded first: its state was written with another schema. */
  get(stream: string): Standing | undefined {
    return this.#standings.get(stream);
  }

  set(stream: string, standing: Standing): void {
    this.#standings.set(stream, standing);
  }

  forget(streams: Iterable<string>): void {
    for (const stream of streams) {
      this.#standings.delete(stream);
      this.#unplaced.delete(stream);
    }
  }

  /** Takes over where a stream really stands; null where there is none. */
  replace(stream: string, snapshot: StreamSnapshot | null): void {
    this.forget([stream]);
    if (snapshot === null) return this.set(stream, { target: initialOf(stream), head: NO_STREAM });
    const target = parseState(snapshot.state);
    if (target === undefined) return;
    this.set(stream, { target, head: snapshot.head });
    const origins = unplacedOf(target);
    if (origins.length > 0) this.#unplaced.set(stream, origins);
  }

  /** Which of these streams `load` has something to do for; none, as a rule. */
  missing(streams: Iterable<string>): string[] {
    const missing: string[] = [];
    for (const stream of streams) {
      if (!this.#standings.has(stream) || this.#unplaced.has(stream)) missing.push(stream);
    }
    return missing;
  }

  /** Reads the states of these streams, and the positions that they lack, in one query each. */
  async load(missing: readonly string[]): Promise<void> {
    const absent = missing.filter((stream) => !this.#standings.has(stream));
    if (absent.length > 0) {
      const snapshots = await this.store.loadStreams(absent);
      for (const stream of absent) this.replace(stream, snapshots.get(stream) ?? null);
    }
    await this.#place(missing.filter((stream) => this.#unplaced.has(stream)));
  }

  /** Reads the whole stream instead of its state. */
  async fold(stream: string, fold: Fold): Promise<void> {
    const { target, head } = await foldTarget(this.store, stream);
    this.forget([stream]);
    this.set(stream, { target: fold === 'history' ? target : withoutHistory(target), head: head ?? NO_STREAM });
  }

  async #place(streams: readonly string[]): Promise<void> {
    const cells = streams.flatMap((stream) => this.#unplaced.get(stream)!.map((origin) => ({ stream, origin })));
    if (cells.length === 0) return;
    const places = cells.map(({ stream, origin }) => ({ stream, version: origin.version }));
    const positions = await this.store.positionsOf(places);
    cells.forEach(({ stream, origin }, i) => {
      const position = positions[i];
      if (position === undefined) throw new Error(`${stream} has no event of version ${origin.version}`);
      origin.position = position;
    });
    for (const stream of streams) this.#unplaced.delete(stream);
  }
}

function unplacedOf({ open, current }: Target): Origin[] {
  const origins: Origin[] = [];
  for (const { created } of open) if (created.position === null) origins.push(created);
  if (current !== null && current.created.position === null) origins.push(current.created);
  return origins;
}
