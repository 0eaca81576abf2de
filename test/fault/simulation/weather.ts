import type { Kernel, Owner } from './kernel.js';

/** What the network between processes and one server is like now. */
export type Weather = {
  isDown: boolean;
  /** Nothing gets through before. */
  hangsUntil: number;
  /** How many of the answers are lost with their connection. */
  lostAnswers: number;
  /** How many calls take long. */
  slow: number;
};

export const fair = (): Weather => ({ isDown: false, hangsUntil: 0, lostAnswers: 0, slow: 0.01 });

type Pending = {
  readonly line: Line | undefined;
  isCarriedOut: boolean;
  isOver: boolean;
  isDropped: boolean;
  fail: (error: Error) => void;
};

/** In what order calls arrive: those of one line as they were made. */
export type Line = { arrival: number; answer: number };
export const newLine = (): Line => ({ arrival: 0, answer: 0 });

export type Errors = Readonly<{ refused: () => Error; lost: () => Error; timedOut: () => Error; patienceMs: number }>;

/**
 * Calls of one process to one server: each arrives, is carried out there as a whole, and is answered, at moments that the
 * seed draws; on the way there or back the connection may be lost, and what arrived is carried out all the same.
 */
export class Link {
  readonly #pending = new Set<Pending>();

  constructor(
    private readonly kernel: Kernel,
    private readonly parts: Readonly<{ owner: Owner; server: Owner; weather: Weather; errors: Errors }>,
  ) {}

  call<T>(name: string, carryOut: () => T, line?: Line): Promise<T> {
    const { kernel } = this;
    const { owner, server, weather, errors } = this.parts;
    return new Promise<T>((resolve, reject) => {
      if (weather.isDown) {
        kernel.after(1, owner, () => reject(errors.refused()));
        return;
      }
      const pending: Pending = { line, isCarriedOut: false, isOver: false, isDropped: false, fail: () => undefined };
      const over = (settle: () => void): void => {
        if (pending.isOver) return;
        pending.isOver = true;
        this.#pending.delete(pending);
        settle();
      };
      pending.fail = (error) => over(() => reject(error));
      this.#pending.add(pending);
      const begun = kernel.now;
      kernel.after(this.#arrival(line) - begun, server, () => {
        if (pending.isDropped) return;
        const answer = outcomeOf(carryOut);
        pending.isCarriedOut = true;
        if (pending.isOver) return kernel.note(`${owner.name} ${name} arrives late`);
        if (kernel.chance(weather.lostAnswers)) {
          kernel.note(`${owner.name} ${name}: the answer is lost`);
          this.#break(pending);
          return;
        }
        kernel.after(this.#answer(line) - kernel.now, owner, () =>
          over(() => ('error' in answer ? reject(answer.error) : resolve(answer.value))),
        );
      });
      if (weather.hangsUntil > begun + errors.patienceMs)
        kernel.after(errors.patienceMs, owner, () => pending.fail(errors.timedOut()));
    });
  }

  /** Cuts all connections: what is on its way may still arrive, its answers do not. */
  cut(): void {
    this.#lose([...this.#pending], 0.1);
  }

  /** The connection of a call is gone, and so is all that is on its way there with it. */
  #break(broken: Pending): void {
    const { line } = broken;
    const same = line === undefined ? [broken] : [...this.#pending].filter((each) => each.line === line);
    this.#lose(same, this.#latency());
  }

  #lose(pendings: readonly Pending[], ms: number): void {
    const { owner, errors } = this.parts;
    const ended = new Set<Line>();
    for (const pending of pendings) {
      const { line, isCarriedOut } = pending;
      // What follows on a connection arrives only if what is before it does.
      const isBehind = line !== undefined && ended.has(line);
      pending.isDropped ||= !isCarriedOut && (isBehind || this.kernel.chance(0.5));
      if (line === undefined) continue;
      if (pending.isDropped) ended.add(line);
      // The next connection does not wait for what the server still does for this one.
      Object.assign(line, newLine());
    }
    this.kernel.after(ms, owner, () => pendings.forEach((pending) => pending.fail(errors.lost())));
  }

  /** The server died: what had not arrived never does. */
  lose(): void {
    for (const pending of this.#pending) pending.isDropped = true;
    this.cut();
  }

  #latency(): number {
    const { kernel } = this;
    return kernel.chance(this.parts.weather.slow) ? 5 + 150 * kernel.random() : 0.1 + kernel.random();
  }

  #arrival(line: Line | undefined): number {
    const at = Math.max(this.kernel.now, this.parts.weather.hangsUntil) + this.#latency();
    if (!line) return at;
    return (line.arrival = Math.max(line.arrival, at));
  }

  #answer(line: Line | undefined): number {
    const at = Math.max(this.kernel.now, this.parts.weather.hangsUntil) + this.#latency();
    if (!line) return at;
    return (line.answer = Math.max(line.answer, at));
  }
}

const outcomeOf = <T>(carryOut: () => T): { value: T } | { error: unknown } => {
  try {
    return { value: carryOut() };
  } catch (error) {
    return { error };
  }
};

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** As pg words them. */
export const postgresErrors: Errors = {
  refused: () => withCode('connect ECONNREFUSED', 'ECONNREFUSED'),
  lost: () => new Error('Connection terminated unexpectedly'),
  timedOut: () => new Error('Query read timeout'),
  patienceMs: 35_000,
};

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/** As kafkajs names them. */
export const kafkaErrors: Errors = {
  refused: () => named('KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED'),
  lost: () => named('KafkaJSConnectionClosedError', 'Closed connection'),
  timedOut: () => named('KafkaJSRequestTimeoutError', 'Request timed out'),
  patienceMs: 10_000,
};
