import { hostname } from 'node:os';
import { acquireLease, advanceUnderLease, releaseLease, renewLease, type Queryable } from '#event-store';
import { newId } from '#runtime';

/** Another replica publishes by now. */
export class Deposed extends Error {
  override readonly name = 'Deposed';
}

/**
 * The time for which this process alone may publish a topic: a leased row, renewed while it lasts. The database's clock
 * ends it, and each move of the checkpoint proves that it has not ended.
 */
export class Term {
  #sureUntil: number;
  #ended = false;
  readonly #renewal: NodeJS.Timeout;

  private constructor(
    private readonly database: Queryable,
    private readonly name: string,
    private readonly epoch: number,
    private readonly options: { ttlMs: number; asked: number },
  ) {
    this.#sureUntil = options.asked + options.ttlMs;
    this.#renewal = setInterval(() => void this.#renew().catch(() => undefined), options.ttlMs / 4).unref();
  }

  /** Begins a term of `ttlMs` milliseconds, or answers null when another process has it. */
  static async begin(database: Queryable, name: string, ttlMs: number): Promise<Term | null> {
    const asked = performance.now();
    const holder = `${hostname()}/${process.pid}/${newId()}`;
    const lease = await acquireLease(database, name, holder, ttlMs);
    return lease && new Term(database, name, lease.epoch, { ttlMs, asked });
  }

  /** Throws `Deposed` unless the lease lasts for a while yet: asked before each send. */
  async assert(): Promise<void> {
    if (this.#ended || performance.now() > this.#sureUntil - this.options.ttlMs / 4) await this.#renew();
  }

  /** Moves the checkpoint of the same name; throws `Deposed` when the term is over. */
  async advance(position: number): Promise<void> {
    if (await advanceUnderLease(this.database, { name: this.name, epoch: this.epoch }, this.name, position)) return;
    this.#depose();
  }

  async end(): Promise<void> {
    clearInterval(this.#renewal);
    // Where the database is away, the lease runs out.
    if (!this.#ended) await releaseLease(this.database, this.name, this.epoch).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const asked = performance.now();
    if (this.#ended || !(await renewLease(this.database, this.name, this.epoch, this.options.ttlMs))) this.#depose();
    this.#sureUntil = asked + this.options.ttlMs;
  }

  #depose(): never {
    this.#ended = true;
    clearInterval(this.#renewal);
    throw new Deposed(`Another replica publishes ${this.name}`);
  }
}
