import type { KafkaMessage, Message } from 'kafkajs';
import { CommandIdReused, Unavailable, type Actors, type CommandQueue } from '#commands';
import { isUnavailable, LogWentBack } from '#event-store';
import type { BeginSpan, Logger, Span } from '#runtime';
import { deadLetter, type Origin } from './dead-letters.js';
import { pause, untilDone } from './pause.js';
import { isPoison, peopleOf, readCommand, submissionOf, type Candidate, type Rights } from './read-command.js';

const FULL_MS = 50;

export type Waist = Readonly<{ queue: Pick<CommandQueue, 'submit'>; actors: Pick<Actors, 'refer'> }>;
export type HandlerParts = Readonly<{
  waist: Waist;
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

  /** Handles all; nothing but the signal ends it early, as long as it takes the database or the broker to come back. */
  async run(signal: AbortSignal): Promise<void> {
    const commands: Command[] = [];
    const poison: Refused[] = [];
    for (const entry of this.#entries) {
      const read = readCommand(entry.record, entry.origin, this.parts.rights);
      if (isPoison(read)) poison.push({ entry, reason: read.reason });
      else commands.push({ entry, candidate: this.#traced(entry, read) });
    }
    await Promise.all([this.#bury(poison), this.#decide(commands, signal)]);
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

  async #decide(commands: readonly Command[], signal: AbortSignal): Promise<void> {
    const people = commands.map(({ candidate }) => peopleOf(candidate));
    const opaqueIds = await this.#refer(people.flat(), signal);
    let next = 0;
    let waiting = commands.map(({ entry, candidate }, i) => {
      const ids = opaqueIds.slice(next, (next += people[i]!.length));
      return { entry, submission: submissionOf(candidate, ids) };
    });
    const refused: Refused[] = [];
    while (waiting.length > 0) {
      // One synchronous pass: when the queue is full, it is so for all that follow too, and they go again in their order.
      const { queue } = this.parts.waist;
      const answers = waiting.map(({ submission }) =>
        queue.submit(submission, { outcomeOnly: true }).then(answered, fateOf),
      );
      const fates = await Promise.all(answers);
      fates.forEach((fate, i) => {
        const { entry } = waiting[i]!;
        if (fate === 'answered') handle(entry);
        else if (fate !== 'again') refused.push({ entry, reason: fate.reason });
      });
      waiting = waiting.filter((_, i) => fates[i] === 'again');
      if (waiting.length > 0) await pause(FULL_MS, signal);
      signal.throwIfAborted();
    }
    await this.#bury(refused);
  }

  async #refer(people: { id: string; name?: string }[], signal: AbortSignal): Promise<string[]> {
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

function handle(entry: Entry, failure?: string): void {
  entry.handled = true;
  entry.span?.end(failure);
}

/** Reasons begin with a code of a closed set; what follows it says more. */
const codeOf = (reason: string): string => reason.split(':', 1)[0]!;

type Fate = 'answered' | 'again' | { reason: string };

const answered = (): Fate => 'answered';

/** Weather is waited for; what is refused for another reason, standing alone in its batch, is the record's own fault. */
function fateOf(error: unknown): Fate {
  if (error instanceof LogWentBack) throw error;
  if (error instanceof CommandIdReused) return { reason: 'idempotency_key_reused' };
  if (error instanceof Unavailable || isUnavailable(error)) return 'again';
  return { reason: `not_recordable: ${error instanceof Error ? error.message : String(error)}` };
}
