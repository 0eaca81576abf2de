/**
 * What time it is for whoever asks: the database's time, as far as it was told; until then, the machine's. One for the process,
 * which has one database.
 */
export class Clock {
  #aheadMs = 0;

  /** Milliseconds since 1970, whole ones. */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /**
   * Takes note of what the database's clock showed, in milliseconds since 1970, when it was asked at `askedAt` by the machine's
   * clock and the answer is here now. Nothing changes where both may be the same: an answer that was late says no more.
   */
  compare(shownMs: number, askedAt: number): void {
    const [least, most] = [Math.floor(shownMs) - Date.now(), Math.ceil(shownMs) - askedAt];
    this.#aheadMs = Math.min(Math.max(this.#aheadMs, least), Math.max(least, most));
  }
}

export const clock = new Clock();
