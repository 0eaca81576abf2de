/** Above this share it costs less to ask first; a batch that asks waits for one more answer, and is refused less. */
const HIGH = 0.15;
/** So many states weigh as much as all that was seen before. */
const MEMORY = 1_000;

/** How many of the states held in memory turned out to be outrun by other processes, of those relied on lately. */
export class Staleness {
  #share = 0;

  get isHigh(): boolean {
    return this.#share > HIGH;
  }

  saw(states: number, stale: number): void {
    if (states > 0) this.#share += (stale / states - this.#share) * (states / (states + MEMORY));
  }
}
