/** A bounded number of places; who finds none waits. */
export class Room {
  #waiting: Array<() => void> = [];

  constructor(private places: number) {}

  /** Takes a place; false where there is none. */
  enter(): boolean {
    if (this.places === 0) return false;
    this.places -= 1;
    return true;
  }

  leave(): void {
    this.places += 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when there may be a place. */
  wait(): Promise<void> {
    return this.places > 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
