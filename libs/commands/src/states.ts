import { LRUCache } from 'lru-cache';

import { withoutHistory, type Origin, type Target } from '#domain';
import { NO_STREAM, type StreamSnapshot } from '#event-store';

import { foldTarget, initialOf, type Folded } from './fold.js';
import type { Fold } from './line.js';
import { parseState } from './state-json.js';
import type { Store } from './types.js';

/** A stream's state, as the event `head` left it. */
export type Standing = Readonly<{ target: Target; head: string }>;

/** A standing that was read or made; `unplaced` are origins whose positions were not known when it was written. */
type Known = { readonly standing: Standing; unplaced: readonly Origin[] };

/** Folds are as large as their streams, and few streams need one at a time. */
const FOLDS_KEPT = 8;

/**
 * The states of the streams used last. They are hints: the `head` in the append decides whether a state was the present
 * one. While a batch is under way they are already those that it will leave.
 */
export class States {
  readonly #known: LRUCache<string, Known>;
  /** Folds whose commands have not passed yet: where others append meanwhile, the next fold goes on from there. */
  readonly #folds = new LRUCache<string, Folded>({ max: FOLDS_KEPT });

  constructor(
    private readonly store: Store,
    max: number,
  ) {
    this.#known = new LRUCache({ max });
  }

  /** Undefined where the stream has to be folded first: its state was written with another schema. */
  get(stream: string): Standing | undefined {
    return this.#known.get(stream)?.standing;
  }

  set(stream: string, standing: Standing, unplaced: readonly Origin[] = []): void {
    this.#known.set(stream, { standing, unplaced });
  }

  forget(streams: Iterable<string>): void {
    for (const stream of streams) this.#known.delete(stream);
  }

  /** What was decided on this stream's fold, if there was one, was appended. */
  passed(stream: string): void {
    this.#folds.delete(stream);
  }

  /** Takes over where a stream really stands; null where there is none. */
  replace(stream: string, snapshot: StreamSnapshot | null): void {
    this.forget([stream]);
    if (snapshot === null) return this.set(stream, { target: initialOf(stream), head: NO_STREAM });
    const target = parseState(snapshot.state);
    if (target !== undefined) this.set(stream, { target, head: snapshot.head }, unplacedOf(target));
  }

  /** Which of these streams `load` has something to do for; none, as a rule. */
  missing(streams: Iterable<string>): string[] {
    const missing: string[] = [];
    for (const stream of streams) {
      const known = this.#known.get(stream);
      if (known === undefined || known.unplaced.length > 0) missing.push(stream);
    }
    return missing;
  }

  /** Reads the states of these streams, and the positions that they lack, in one query each. */
  async load(missing: readonly string[]): Promise<void> {
    const absent = missing.filter((stream) => !this.#known.has(stream));
    if (absent.length > 0) {
      const snapshots = await this.store.loadStreams(absent);
      for (const stream of absent) this.replace(stream, snapshots.get(stream) ?? null);
    }
    await this.#place(missing);
  }

  /** Reads the stream itself instead of its state: the whole of it, or what came since it was folded last. */
  async fold(stream: string, fold: Fold): Promise<void> {
    const folded = await foldTarget(this.store, stream, this.#folds.get(stream));
    this.#folds.set(stream, folded);
    const { target, head } = folded;
    this.set(stream, { target: fold === 'history' ? target : withoutHistory(target), head: head ?? NO_STREAM });
  }

  async #place(streams: readonly string[]): Promise<void> {
    const lacking = streams.flatMap((stream) => {
      const known = this.#known.get(stream);
      return known === undefined || known.unplaced.length === 0 ? [] : { stream, known };
    });
    const cells = lacking.flatMap(({ stream, known }) => known.unplaced.map((origin) => ({ stream, origin })));
    if (cells.length === 0) return;
    const positions = await this.store.positionsOf(
      cells.map(({ stream, origin }) => ({ stream, version: origin.version })),
    );
    cells.forEach(({ stream, origin }, i) => {
      const position = positions[i];
      if (position === undefined) throw new Error(`${stream} has no event of version ${origin.version}`);
      origin.position = position;
    });
    for (const { known } of lacking) known.unplaced = [];
  }
}

function unplacedOf({ open, current }: Target): Origin[] {
  const origins: Origin[] = [];
  for (const { created } of open) if (created.position === null) origins.push(created);
  if (current !== null && current.created.position === null) origins.push(current.created);
  return origins;
}
