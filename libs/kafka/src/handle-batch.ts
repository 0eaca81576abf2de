import type { KafkaMessage, Message } from 'kafkajs';
import {
  CommandIdReused,
  Unavailable,
  type Actors,
  type CommandQueue,
  type Referred,
  type Submission,
} from '#commands';
import { isUnavailable, LogWentBack } from '#event-store';
import type { BeginSpan, Logger, Span } from '#runtime';
import { deadLetter, type Origin } from './dead-letters.js';
import { pause, untilDone } from './pause.js';
import { isPoison, peopleOf, readCommand, submissionOf, type Candidate, type Rights } from './read-command.js';
import type { Room } from './room.js';

const FULL_MS = 50;
/** Few enough that nobody else in the process waits long. */
const READ_AT_ONCE = 100;

export type Waist = Readonly<{ queue: Pick<CommandQueue, 'submit' | 'full'>; actors: Pick<Actors, 'refer'> }>;
export type HandlerParts = Readonly<{
  waist: Waist;
  /** For those that are in the waist. */
  room: Room;
  rights: Rights;
  /** Resolves when the letters lie on the dead topic. */
  post: (letters: readonly Message[]) => Promise<void>;
  /** Told of each record that lies on the dead topic, with the code of the reason. */
  buried?: ((code: string) => void) | undefined;
  begin?: BeginSpan | undefined;
  log: Logger;
}>;

/** A record of the batch on its way; `handled` once it has its outcome or lies on the dead topic. */
type Entry = { readonly record: KafkaMessage; readonly origin: Origin; handled: boolean; span?: Span | undefined };
type Command = { readonly entry: Entry; readonly candidate: Candidate };
type Refused = { readonly entry: Entry; readonly reason: string };

/** The records of one partition that came together: each gets an outcome, decided in their order, or a dead letter. */
export class BatchWork {
  readonly #entries: Entry[];
  readonly #fates: Promise<void>[] = [];

  constructor(
    records: readonly KafkaMessage[],
    { topic, partition }: Readonly<{ topic: string; partition: number }>,
    private readonly parts: HandlerParts,
  ) {
    this.#entries = records.map((record) => ({
      record,
      origin: { topic, partition, offset: record.offset },
      handled: false,
    }));
  }

  /** Which of the records are handled, in their order. */
  get handled(): boolean[] {
    return this.#entries.map(({ handled }) => handled);
  }

  /**
   * Takes all of them in, in their order, each when there is room for it; nothing but the signal ends it early, as long as
   * it takes the database to come back.
   */
  async takeIn(signal: AbortSignal): Promise<void> {
    for (let at = 0; at < this.#entries.length; at += READ_AT_ONCE) {
      const { commands, poison } = this.#read(this.#entries.slice(at, at + READ_AT_ONCE));
      this.#follow(this.#bury(poison));
      await this.#submit(commands, signal);
    }
  }

  /** Resolves when all that were taken in are handled; rejects where one of them has to be delivered again. */
  async done(): Promise<void> {
    await Promise.all(this.#fates);
  }

  #follow(fate: Promise<void>): void {
    this.#fates.push(held(fate));
  }

  #read(entries: readonly Entry[]): { commands: Command[]; poison: Refused[] } {
    const commands: Command[] = [];
    const poison: Refused[] = [];
    for (const entry of entries) {
      const read = readCommand(entry.record, entry.origin, this.parts.rights);
      if (isPoison(read)) poison.push({ entry, reason: read.reason });
      else commands.push({ entry, candidate: this.#traced(entry, read) });
    }
    return { commands, poison };
  }

  /** Where somebody traces, the command goes on from a span of the record. */
  #traced(entry: Entry, candidate: Candidate): Candidate {
    const { topic, partition, offset } = entry.origin;
    const { traceparent: parent } = candidate.submission;
    entry.span = this.parts.begin?.(`process ${topic}`, {
      kind: 'consumer',
      parent,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.kafka.offset': Number(offset),
      },
    });
    if (!entry.span) return candidate;
    return { ...candidate, submission: { ...candidate.submission, traceparent: entry.span.traceparent } };
  }

  async #submit(commands: readonly Command[], signal: AbortSignal): Promise<void> {
    const people = commands.map(({ candidate }) => peopleOf(candidate));
    const opaqueIds = await this.#refer(people.flat(), signal);
    const fates: Promise<Refused | undefined>[] = [];
    let next = 0;
    try {
      for (const [i, { entry, candidate }] of commands.entries()) {
        const submission = submissionOf(candidate, opaqueIds.slice(next, (next += people[i]!.length)));
        while (!this.#enters()) await this.#roomMade(signal);
        fates.push(held(this.#fateOf(entry, submission)));
      }
    } finally {
      this.#follow(Promise.all(fates).then((all) => this.#bury(all.filter((fate) => fate !== undefined))));
    }
  }

  /** A queue that is full would refuse this one and perhaps take the next of its key. */
  #enters(): boolean {
    return !this.parts.waist.queue.full && this.parts.room.enter();
  }

  async #roomMade(signal: AbortSignal): Promise<void> {
    if (this.parts.waist.queue.full) await pause(FULL_MS, signal);
    else await this.parts.room.wait();
    signal.throwIfAborted();
  }

  /** Handled, or refused for a reason of its own. */
  async #fateOf(entry: Entry, submission: Submission): Promise<Refused | undefined> {
    try {
      await this.parts.waist.queue.submit(submission, { outcomeOnly: true });
      handle(entry);
      return undefined;
    } catch (error) {
      return { entry, reason: reasonOf(error) };
    } finally {
      this.parts.room.leave();
    }
  }

  async #refer(people: readonly Referred[], signal: AbortSignal): Promise<string[]> {
    if (people.length === 0) return [];
    return untilDone(
      () => this.parts.waist.actors.refer(people),
      (error) => {
        if (!isUnavailable(error)) throw error;
      },
      signal,
    );
  }

  async #bury(refused: readonly Refused[]): Promise<void> {
    for (const { entry, reason } of refused) {
      this.parts.log.warn({ ...entry.origin, reason: codeOf(reason) }, 'A record goes to the dead topic');
    }
    await this.parts.post(refused.map(({ entry, reason }) => deadLetter(entry.record, reason, entry.origin)));
    for (const { entry, reason } of refused) {
      handle(entry, codeOf(reason));
      this.parts.buried?.(codeOf(reason));
    }
  }
}

/** It may reject before anybody asks for it. */
function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function handle(entry: Entry, failure?: string): void {
  entry.handled = true;
  entry.span?.end(failure);
}

/** Reasons begin with a code of a closed set; what follows it says more. */
const codeOf = (reason: string): string => reason.split(':', 1)[0]!;

/** Weather brings the record once more; what is refused for another reason, standing alone in its batch, is its own fault. */
function reasonOf(error: unknown): string {
  if (error instanceof CommandIdReused) return 'idempotency_key_reused';
  if (error instanceof LogWentBack || error instanceof Unavailable || isUnavailable(error)) throw error;
  return `not_recordable: ${error instanceof Error ? error.message : String(error)}`;
}
