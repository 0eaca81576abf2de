import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { isUnavailable, LogWentBack, type AppendResult, type StoredOutcome } from '#event-store';
import { groupBy, type Logger } from '#runtime';

import { answerOf, answersAgain, onlyOutcome, placeCreated } from './answers.js';
import { decideBatch, type DecidedBatch } from './batch.js';
import { FullTargets } from './full-targets.js';
import { Line, type Fold } from './line.js';
import type { Pending } from './pending.js';
import { States, type Room } from './states.js';
import { CommandIdReused, Unavailable, type Observer, type Store } from './types.js';
import { Unknown } from './unknown.js';

const FOLD_AGAIN_MS = 250;

export type Parts = Readonly<{
  store: Store;
  newId: () => string;
  log: Pick<Logger, 'warn' | 'error'>;
  observer?: Observer | undefined;
  maxBatch: number;
  room: Room;
}>;

type Known = Readonly<{ pending: Pending; outcome: StoredOutcome }>;

/**
 * The group commit: the commands that arrive while a batch is on its way form the next one. Load, decide, append; what
 * another writer moved meanwhile starts over.
 */
export class GroupCommit {
  readonly #line = new Line();
  readonly #states: States;
  readonly #unknown: Unknown;
  readonly #full: FullTargets;
  #underWay = 0;
  #preparing = false;
  #planned = false;

  constructor(private readonly parts: Parts) {
    this.#states = new States(parts.store, parts.room);
    this.#full = new FullTargets(parts.store, this.#states, this.#line, {
      resolve: (pendings, outcomes) => this.#resolve(pendings, outcomes),
      arrive: (stream) => this.#arrive([stream]),
    });
    this.#unknown = new Unknown(parts.store, parts.log, (outcomes) => this.#lookedUp(outcomes));
  }

  /** How many commands wait for a batch. */
  get queued(): number {
    return this.#line.size;
  }

  add(pending: Pending): void {
    if (this.#full.takes(pending)) return;
    this.#line.add(pending);
    this.#plan();
  }

  /** A command that waited was given up. */
  leave(): void {
    this.#line.leave();
  }

  stop(): void {
    this.#unknown.stop();
  }

  /** No timer: a batch sets out as soon as none is under way, a second one beside it only when it is full. */
  #plan(): void {
    if (this.#planned || !this.#mayGo()) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      while (this.#mayGo()) void this.#carry(this.#line.take(this.parts.maxBatch));
    });
  }

  #mayGo(): boolean {
    if (this.#preparing || this.#unknown.active) return false;
    return this.#line.ready >= (this.#underWay === 0 ? 1 : this.parts.maxBatch) && this.#underWay < 2;
  }

  async #carry(pendings: readonly Pending[]): Promise<void> {
    const streams = new Set(pendings.map(({ stream }) => stream));
    this.#underWay += 1;
    this.#line.depart(streams);
    try {
      const { batch, result } = await this.#send(pendings, streams);
      this.#settle(batch, await result);
    } catch (error) {
      this.#startOver(pendings, streams, error as Error);
    }
    this.#underWay -= 1;
    this.#arrive(streams);
  }

  #arrive(streams: Iterable<string>): void {
    for (const [stream, fold] of this.#line.arrive(streams)) void this.#fold(stream, fold);
    this.#plan();
  }

  /** Load, decide, append. The next batch is made when this one is on its way, on the states that it will leave. */
  async #send(
    pendings: readonly Pending[],
    streams: ReadonlySet<string>,
  ): Promise<{ batch: DecidedBatch; result: Promise<AppendResult> }> {
    this.#preparing = true;
    try {
      this.#states.trim(streams);
      const missing = this.#states.missing(streams, (stream) => this.#line.isShared(stream));
      const batch = this.#decide(missing.length === 0 ? pendings : await this.#load(missing, pendings));
      return { batch, result: this.#appendAndPlace(batch, streams) };
    } finally {
      this.#preparing = false;
      this.#plan();
    }
  }

  /** Returns the commands that may still go: meanwhile the batch before may have brought back some that go before others. */
  async #load(missing: readonly string[], pendings: readonly Pending[]): Promise<readonly Pending[]> {
    await this.#states.load(missing);
    this.#line.putBack(pendings.filter(({ stream }) => this.#line.isStopped(stream)));
    return pendings.filter(({ underWay }) => underWay);
  }

  #decide(pendings: readonly Pending[]): DecidedBatch {
    const batch = decideBatch(pendings, (stream) => this.#states.get(stream), this.parts.newId, this.#states.areRead);
    batch.append.streams.forEach(({ stream, expectedHead, state }, i) => {
      const standing = batch.standings[i]!;
      this.#states.set(stream, standing, state?.length);
      if (standing.head !== expectedHead) this.#line.follow(stream);
    });
    for (const [stream, fold] of batch.folds) this.#line.stop(stream, fold);
    this.#line.putBack(batch.waiting);
    for (const [pending, error] of batch.failed) pending.fail(error);
    return batch;
  }

  /** What became of the append is known first: only then may its commands start over. */
  async #appendAndPlace(batch: DecidedBatch, streams: Iterable<string>): Promise<AppendResult> {
    const placed = this.#states.place(streams);
    placed.catch(() => undefined);
    const result = await this.#append(batch);
    // Before the next batch is back: it was decided on these deployments, and may be answered while this one waits.
    batch.decided.forEach(({ decided }, i) => {
      const place = result.commands[i];
      if (place !== undefined) placeCreated(decided, place.position);
    });
    await placed;
    return result;
  }

  async #append({ append, decided }: DecidedBatch): Promise<AppendResult> {
    if (append.commands.length === 0) return nothingAppended;
    const { store, observer } = this.parts;
    const isBack = observer?.setsOut?.(decided.map(({ pending }) => pending.submission));
    const sentAt = performance.now();
    try {
      const result = await store.append(append);
      observer?.appended(append.commands.length, (performance.now() - sentAt) / 1_000);
      isBack?.();
      return result;
    } catch (error) {
      isBack?.(error);
      throw error;
    }
  }

  #settle({ append, decided }: DecidedBatch, result: AppendResult): void {
    let last = 0;
    const refused: Pending[] = [];
    decided.forEach(({ pending, decided: made }, i) => {
      const place = result.commands[i];
      if (place === undefined) return refused.push(pending);
      if (made.events.length > 0) last = place.position;
      return pending.answer(answerOf(pending.submission.commandId, made, place.position), made.events);
    });
    if (last > 0) this.parts.store.notify(last);
    append.streams.forEach(({ stream }, index) => result.refused.has(index) || this.#states.passed(stream));
    this.#states.reliedOn(append.streams.length, result.refused.size);
    const byStream = groupBy(refused, ({ stream }) => stream);
    const again: Pending[] = [];
    for (const [index, { snapshot, outcomes }] of result.refused) {
      const { stream } = append.streams[index]!;
      this.#states.replace(stream, snapshot);
      this.#line.stop(stream);
      again.push(...this.#resolve(byStream.get(stream) ?? [], outcomes));
    }
    this.#line.putBack(again);
  }

  #lookedUp(asked: ReadonlyArray<readonly [Pending, StoredOutcome | undefined]>): void {
    const byStream = groupBy(asked, ([{ stream }]) => stream);
    const again: Pending[] = [];
    for (const own of byStream.values()) {
      const outcomes = own.flatMap(([, outcome]) => outcome ?? []);
      const pendings = own.map(([pending]) => pending);
      again.push(...this.#resolve(pendings, outcomes));
    }
    this.#line.putBack(again);
    this.#plan();
  }

  /** Commands of one stream, of which some have an outcome already, which is their answer. Returns the others: they start over. */
  #resolve(pendings: readonly Pending[], outcomes: readonly StoredOutcome[]): Pending[] {
    const byId = new Map(outcomes.map((outcome) => [outcome.commandId, outcome]));
    const known: Known[] = [];
    const again: Pending[] = [];
    for (const pending of pendings) {
      const { commandId, fingerprint } = pending.submission;
      const outcome = byId.get(commandId);
      if (outcome === undefined) again.push(pending);
      else if (Buffer.compare(outcome.fingerprint, fingerprint) === 0) {
        if (pending.outcomeOnly) pending.answer(onlyOutcome(outcome));
        else known.push({ pending, outcome });
      } else pending.fail(new CommandIdReused(`The command id ${commandId} was another command's.`));
    }
    if (known.length > 0) void this.#answerFromLog(known);
    return again;
  }

  async #answerFromLog(known: readonly Known[]): Promise<void> {
    try {
      const answers = await answersAgain(
        this.parts.store,
        known.map(({ outcome }) => outcome),
      );
      known.forEach(({ pending }, i) => pending.answer(answers[i]!));
    } catch (error) {
      const open = known.map(({ pending }) => pending);
      if (isUnavailable(error)) this.#unknown.add(open, error);
      else for (const pending of open) pending.fail(error as Error);
    }
  }

  /** The call failed as a whole. */
  #startOver(pendings: readonly Pending[], streams: ReadonlySet<string>, error: Error): void {
    const open = pendings.filter(({ underWay, settled }) => underWay && !settled);
    this.#states.forget(streams);
    for (const stream of streams) this.#line.stop(stream);
    if (error instanceof LogWentBack) return this.#refuse(open, error);
    // A batch that fails is tried again in halves, until the one bad command, if it is one, stands alone.
    for (const pending of open) pending.company = Math.ceil(open.length / 2);
    if (isUnavailable(error)) this.#unknown.add(open, error);
    else if (open.length === 1) open[0]!.fail(error);
    else this.#line.putBack(open);
  }

  #refuse(pendings: readonly Pending[], error: LogWentBack): void {
    this.parts.log.error({ err: error, commands: pendings.length }, 'The log went back; nothing more can be decided');
    for (const pending of pendings)
      pending.fail(new Unavailable('The service has to be started again.', 10, { cause: error }));
  }

  async #fold(stream: string, fold: Fold): Promise<void> {
    try {
      await this.#states.fold(stream, fold);
    } catch (error) {
      if (isUnavailable(error)) await sleep(FOLD_AGAIN_MS * (1 + Math.random()));
      else this.#failFirst(stream, error as Error);
    }
    this.#arrive([stream]);
  }

  /** The log of this stream cannot be folded, so the command that asked for it cannot be decided. */
  #failFirst(stream: string, error: Error): void {
    const first = this.#line.firstOf(stream);
    if (first === undefined) return;
    this.#line.leave();
    first.fail(error);
  }
}

const nothingAppended: AppendResult = { recordedAt: '', commands: [], refused: new Map() };
