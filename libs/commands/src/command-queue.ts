import { isUnavailable } from '#event-store';
import type { Logger } from '#runtime';

import { readOutcome } from './answers.js';
import { GroupCommit } from './group-commit.js';
import { Pending, type Ending } from './pending.js';
import {
  CommandIdReused,
  Unavailable,
  type Answer,
  type Observer,
  type Outcome,
  type Store,
  type Submission,
  type SubmitOptions,
} from './types.js';

export type CommandQueueOptions = Readonly<{
  store: Store;
  /** Makes the ids of events: UUIDv7. */
  newId: () => string;
  log: Pick<Logger, 'warn' | 'error'>;
  observer?: Observer;
  /** How many commands may wait; beyond it they are refused. */
  maxQueued?: number;
  /** How many bytes of commands may be unanswered; beyond it they are refused. */
  maxBytes?: number;
  /** How many commands one append carries. */
  maxBatch?: number;
  /** How many streams' states are kept in memory; more than two batches need. */
  maxStates?: number;
  /** How long those states are together, as JSON: far more than what is usual takes, and far less than memory has. */
  maxStateLength?: number;
}>;

/**
 * The one way in: every change of a target is a command that passes here. Each command id gets one outcome for ever,
 * however often it is submitted and whatever happens to this process or its connection; commands of one stream are
 * decided in the order in which they were submitted.
 */
export class CommandQueue {
  readonly #underWay = new Map<string, Pending>();
  readonly #groupCommit: GroupCommit;
  readonly #store: Store;
  readonly #observer: Observer | undefined;
  readonly #maxQueued: number;
  readonly #maxBytes: number;
  #bytes = 0;
  #submitted = 0;
  #draining: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor({
    store,
    newId,
    log,
    observer,
    maxQueued = 10_000,
    maxBytes = 64 * 1024 * 1024,
    maxBatch = 500,
    maxStates = 20_000,
    maxStateLength = 16 * 1024 * 1024,
  }: CommandQueueOptions) {
    this.#store = store;
    this.#observer = observer;
    this.#maxQueued = maxQueued;
    this.#maxBytes = maxBytes;
    const room = { states: maxStates, weight: maxStateLength };
    this.#groupCommit = new GroupCommit({ store, newId, log, observer, maxBatch, room });
  }

  /**
   * Resolves with the command's outcome, which may be that it was rejected, once it is durable. Rejects with
   * `CommandIdReused`, or with `Unavailable` when the command was not decided, or not known to be, and the same id may
   * be tried again; with anything else where the command cannot be decided or stored at all.
   */
  submit(submission: Submission, options: SubmitOptions = {}): Promise<Answer> {
    const key = keyOf(submission);
    const same = this.#underWay.get(key);
    if (same !== undefined) return this.#join(same, submission, options);
    if (this.#draining) return this.#refuse(submission, new Unavailable('The service is stopping.'));
    if (this.full) return this.#refuse(submission, new Unavailable('Too many commands are waiting.'));
    this.#submitted += 1;
    const pending = new Pending(submission, key, this.#submitted, this.#ended);
    this.#underWay.set(key, pending);
    this.#bytes += pending.bytes;
    const answer = pending.wait(options);
    this.#groupCommit.add(pending);
    return answer;
  }

  /** Whether a command that is submitted now is refused, unless it joins one that is under way. */
  get full(): boolean {
    const { queued } = this.#groupCommit;
    return this.#draining !== undefined || queued >= this.#maxQueued || this.#bytes >= this.#maxBytes;
  }

  /** What this command id was answered; undefined while it has no outcome. Rejects with `Unavailable` as `submit` does. */
  async outcomeOf(stream: string, commandId: string): Promise<Outcome | undefined> {
    try {
      const [stored] = await this.#store.loadOutcomes([{ stream, commandId }]);
      return stored && readOutcome(stored);
    } catch (error) {
      throw isUnavailable(error) ? new Unavailable('The database is away.', 1, { cause: error }) : error;
    }
  }

  /**
   * Takes nothing new and resolves when everything submitted has its answer, after `withinMs` at the latest: what has
   * none by then, because the database is away, is answered with `Unavailable`.
   */
  drain(withinMs = 10_000): Promise<void> {
    this.#draining ??= this.#drain(withinMs);
    return this.#draining;
  }

  async #drain(withinMs: number): Promise<void> {
    if (this.#underWay.size > 0) {
      const late = setTimeout(() => this.#giveUp(), withinMs);
      await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
      clearTimeout(late);
    }
    this.#groupCommit.stop();
  }

  /** How many commands wait for a batch, and how many were submitted and have no answer yet. */
  stats(): { queued: number; unanswered: number } {
    return { queued: this.#groupCommit.queued, unanswered: this.#underWay.size };
  }

  async #join(same: Pending, submission: Submission, options: SubmitOptions): Promise<Answer> {
    if (Buffer.compare(same.submission.fingerprint, submission.fingerprint) === 0) return same.wait(options);
    try {
      const { appended: _, ...others } = options;
      await same.wait({ ...others, outcomeOnly: true });
    } catch (error) {
      // The one under way was not the first of this id: perhaps it is this one.
      if (error instanceof CommandIdReused) return this.submit(submission, options);
      return this.#refuse(submission, error as Error);
    }
    return this.#refuse(
      submission,
      new CommandIdReused(`The command id ${submission.commandId} is another command's.`),
    );
  }

  #refuse({ command }: Submission, error: Error): Promise<never> {
    this.#observer?.answered(command.type, nameOf(error));
    return Promise.reject(error);
  }

  readonly #ended = (pending: Pending, ending: Ending): void => {
    this.#underWay.delete(pending.key);
    this.#bytes -= pending.bytes;
    if (ending === 'abandoned') this.#groupCommit.leave();
    this.#observer?.answered(pending.submission.command.type, nameOf(ending));
    if (this.#underWay.size === 0) this.#whenEmpty?.();
  };

  #giveUp(): void {
    const error = new Unavailable('The service is stopping; send the same command id again.');
    for (const pending of this.#underWay.values()) pending.fail(error);
  }
}

/** Streams are percent-encoded: they contain no space. */
const keyOf = ({ stream, commandId }: Submission): string => `${stream} ${commandId}`;

function nameOf(ending: Ending): string {
  if (ending === 'abandoned' || ending instanceof Unavailable) return 'unavailable';
  if (ending instanceof CommandIdReused) return 'reused';
  if (ending instanceof Error) return 'error';
  return ending.outcome.code ?? ending.outcome.outcome;
}
