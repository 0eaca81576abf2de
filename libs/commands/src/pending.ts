import type { NewEvent } from '#event-store';

import { Unavailable, type Answer, type Submission, type SubmitOptions } from './types.js';

type Waiter = {
  appended?: NonNullable<SubmitOptions['appended']>;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout | undefined;
};

/** What a command left the waist with; `abandoned` when the last who waited gave up before it was under way. */
export type Ending = Answer | Error | 'abandoned';

/** A command on its way, and all who wait for its one answer. */
export class Pending {
  /** How many commands may share a batch with it; made smaller each time that a batch with it fails as a whole. */
  company = Number.MAX_SAFE_INTEGER;
  /** It is in a batch that is under way, or in one of which nobody knows yet what became of it. */
  underWay = false;
  settled = false;
  /** Nobody who waits asks for more than the outcome. */
  outcomeOnly = true;
  readonly #waiters: Waiter[] = [];

  constructor(
    readonly submission: Submission,
    /** Tells it from every other command. */
    readonly key: string,
    /** Counts the commands of this process in their order of arrival. */
    readonly arrival: number,
    private readonly ended: (pending: Pending, ending: Ending) => void,
  ) {}

  get stream(): string {
    return this.submission.stream;
  }

  get bytes(): number {
    return this.submission.bytes ?? 0;
  }

  wait({ giveUpAfterMs, outcomeOnly = false, appended }: SubmitOptions): Promise<Answer> {
    this.outcomeOnly &&= outcomeOnly;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, timer: undefined };
      if (appended) waiter.appended = appended;
      if (giveUpAfterMs !== undefined) waiter.timer = setTimeout(() => this.#giveUp(waiter), giveUpAfterMs);
      this.#waiters.push(waiter);
    });
  }

  /** With the events that were appended for it just now. */
  answer(answer: Answer, appended?: readonly NewEvent[]): void {
    this.#settle(answer, (waiter) => {
      if (appended) waiter.appended?.(appended);
      waiter.resolve(answer);
    });
  }

  fail(error: Error): void {
    this.#settle(error, (waiter) => waiter.reject(error));
  }

  #settle(ending: Ending, tell: (waiter: Waiter) => void): void {
    // One that was given up when the service stopped may still get its answer.
    if (this.settled) return;
    this.settled = true;
    this.ended(this, ending);
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      tell(waiter);
    }
  }

  #giveUp(waiter: Waiter): void {
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    waiter.reject(
      new Unavailable(
        this.underWay
          ? 'The outcome of the command is not known yet; send the same command id again.'
          : 'The command could not be decided in time; send the same command id again.',
      ),
    );
    if (this.#waiters.length === 0 && !this.underWay) this.#settle('abandoned', () => undefined);
  }
}
