import { withoutHistory, type Target } from '#domain';
import type { Batch, DecidedCommand } from '#event-store';

import { decideOne, type Decided } from './decide-one.js';
import type { Fold } from './line.js';
import type { Pending } from './pending.js';
import { stateJson } from './state-json.js';
import type { Standing } from './states.js';

/** A batch as far as memory takes it: what to append, and what has to wait. */
export type DecidedBatch = Readonly<{
  append: Batch;
  /** By index into the commands of the append. */
  decided: ReadonlyArray<Readonly<{ pending: Pending; decided: Decided }>>;
  /** By index into the streams of the append: where each will stand, if it passes. */
  standings: readonly Standing[];
  /** Streams to be folded from the log before the commands that wait can be decided. */
  folds: ReadonlyMap<string, Fold>;
  waiting: readonly Pending[];
  /** Commands whose decision threw: a mistake of ours, not of the batch. */
  failed: ReadonlyArray<readonly [Pending, Error]>;
}>;

/** A stream of the append, as the commands decided so far leave it. */
type Seat = {
  readonly index: number;
  readonly stream: string;
  readonly expectedHead: string;
  head: string;
  target: Target;
  readonly stored: number;
};

/** A state is as long as three events and read once in the life of a process, if it is kept in memory: it lags up to so many. */
const MOST_BEHIND = 8;

/**
 * Decides commands in order of arrival, each on the state that the ones before it in its stream leave. A state is written where
 * it is new, was read, or has gone on by some events since; all are, where they are about to be read.
 */
export function decideBatch(
  pendings: readonly Pending[],
  standingOf: (stream: string) => Standing | undefined,
  newId: () => string,
  areRead = false,
): DecidedBatch {
  const making = new Making(standingOf, newId);
  for (const pending of pendings) making.add(pending);
  return making.done(areRead);
}

class Making {
  readonly #seats = new Map<string, Seat>();
  readonly #commands: DecidedCommand[] = [];
  readonly #decided: Array<{ pending: Pending; decided: Decided }> = [];
  readonly #folds = new Map<string, Fold>();
  readonly #waiting: Pending[] = [];
  readonly #failed: Array<[Pending, Error]> = [];

  constructor(
    private readonly standingOf: (stream: string) => Standing | undefined,
    private readonly newId: () => string,
  ) {}

  add(pending: Pending): void {
    const { stream } = pending;
    const standing = this.#seats.get(stream) ?? this.standingOf(stream);
    if (standing === undefined) this.#folds.set(stream, 'state');
    if (standing === undefined || this.#folds.has(stream)) this.#waiting.push(pending);
    else this.#decide(pending, standing);
  }

  #decide(pending: Pending, standing: Standing): void {
    try {
      const decided = decideOne(standing.target, pending.submission, this.newId);
      if (decided !== undefined) return this.#take(pending, standing, decided);
      this.#folds.set(pending.stream, 'history');
      this.#waiting.push(pending);
    } catch (error) {
      this.#failed.push([pending, error as Error]);
    }
  }

  #take(pending: Pending, standing: Standing, decided: Decided): void {
    const { stream } = pending;
    const { commandId, fingerprint } = pending.submission;
    const { outcome, events, target } = decided;
    let seat = this.#seats.get(stream);
    if (seat === undefined) {
      seat = {
        index: this.#seats.size,
        stream,
        expectedHead: standing.head,
        head: standing.head,
        target,
        stored: standing.stored,
      };
      this.#seats.set(stream, seat);
    }
    seat.target = target;
    seat.head = events.at(-1)?.id ?? seat.head;
    this.#commands.push({ stream: seat.index, commandId, fingerprint, outcome, version: target.version, events });
    this.#decided.push({ pending, decided });
  }

  done(areRead: boolean): DecidedBatch {
    const streams: Array<Batch['streams'][number]> = [];
    const standings: Standing[] = [];
    for (const { stream, expectedHead, head, target, stored } of this.#seats.values()) {
      const small = target.history === undefined ? target : withoutHistory(target);
      const isWritten = head !== expectedHead && (areRead || target.version - stored >= MOST_BEHIND);
      streams.push({ stream, expectedHead, state: isWritten ? stateJson(small) : undefined });
      standings.push({ target: small, head, stored: isWritten ? target.version : stored });
    }
    return {
      append: { streams, commands: this.#commands },
      decided: this.#decided,
      standings,
      folds: this.#folds,
      waiting: this.#waiting,
      failed: this.#failed,
    };
  }
}
