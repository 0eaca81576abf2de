import type { StoredEvent, StoredOutcome } from '#event-store';

/** An event of the log (`E`); `id` may be left out where only the topic is at hand. */
export type Logged = Readonly<Omit<StoredEvent, 'id'> & { id?: string }>;
/** An outcome of the log, with `outcome` as the JSON text that is kept. */
export type Answered = Readonly<
  Pick<StoredOutcome, 'stream' | 'commandId' | 'outcome' | 'position' | 'version' | 'seq' | 'recordedAt'>
>;

/** What one sender learned about one command id (`H`), each time that it was answered. */
export type Operation = Readonly<{
  stream: string;
  commandId: string;
  /** What was sent under the id: two that differ are two commands. */
  payload: string;
  expectedVersion?: number;
  /** Comparable moments of one clock; `returnedAt` is undefined where nothing ever came back. */
  invokedAt: number;
  returnedAt?: number | undefined;
  /**
   * `unknown`: the connection broke, or the service said that it does not know yet; `refused`: said not to have been carried out,
   * and not to be tried again (a 4xx but `reused`, a 5xx but 503).
   */
  result: 'accepted' | 'rejected' | 'reused' | 'refused' | 'unknown';
  /** The whole answer, where there was one. */
  body?: string;
  position?: number;
  version?: number;
  events?: ReadonlyArray<Readonly<{ type: string; version: number; position: number }>>;
}>;

/** A record of a topic, in the order of its partition's offsets. */
export type TopicRecord = Readonly<{
  partition: number;
  offset: number;
  key: string;
  value: string | null;
  /** `ce_id`, `ce_sequence` and, of events, `ce_streamversion`. */
  id: string;
  place: number;
  version?: number;
  /** When the broker took it, in milliseconds since 1970. */
  at?: number;
}>;

/** A record of the commands topic, with the id under which its outcome stands; undefined where it is no command at all. */
export type CommandRecord = Readonly<{
  partition: number;
  offset: number;
  stream?: string | undefined;
  commandId?: string | undefined;
}>;
/** Where a dead letter came from, and the code of its reason. */
export type DeadLetter = Readonly<{ partition: number; offset: number; reason: string }>;

/** From when to when something went on, in milliseconds since 1970. */
export type Span = Readonly<{ start: number; end: number }>;

/** A checkpoint as it was seen at some moment, with how far what it stands for really was then. */
export type CheckpointSample = Readonly<{
  name: string;
  position: number;
  reached: number;
  at?: number;
  byOperator?: boolean;
}>;
/** An offset of the inbox as it was seen, with how many outcomes and dead letters there were then. */
export type OffsetSample = Readonly<{
  partition: number;
  next: number;
  outcomes: number;
  deadLetters: number;
  byOperator?: boolean;
}>;

/** Rows of a view at a checkpoint, in a canonical spelling, beside those of a fold of the log up to there. */
export type Dump = Readonly<{ view: string; position: number; rows: string; folded: string }>;

/** What a checker found: the invariant of the page on guarantees, and what is not so. */
export type Violation = Readonly<{ invariant: string; what: string }>;

/** Says what is not so, for one invariant; keeps the first few. */
export class Findings {
  static readonly most = 5;
  readonly violations: Violation[] = [];
  readonly #counts = new Map<string, number>();

  add(invariant: string, what: string): void {
    const count = (this.#counts.get(invariant) ?? 0) + 1;
    this.#counts.set(invariant, count);
    if (count <= Findings.most) this.violations.push({ invariant, what });
  }

  check(holds: boolean, invariant: string, what: () => string): void {
    if (!holds) this.add(invariant, what());
  }
}

/** Whether a moment lies in one of the spans. */
export const isWithin = (at: number, spans: readonly Span[]): boolean =>
  spans.some(({ start, end }) => start <= at && at <= end);
