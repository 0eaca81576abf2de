import { pause } from './pause.js';

/** Wakes the one loop that waits for it; a ring that nobody heard yet is not lost. */
export class Bell {
  #rung = false;
  #wake: AbortController | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.abort();
  }

  /** Returns at the next ring, after `ms` milliseconds, or when the signal is given. */
  async heard(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      this.#wake = new AbortController();
      await pause(ms, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
