import type { Actor, CommandContext, CommandType, Deployment, RejectionCode, Target, TargetCommand } from '#domain';
import type { EventStore, NewEvent } from '#event-store';

/** A command on its way into the waist. `stream` is `target:<project>/<key>`, each percent-encoded (`streamOf`). */
export type Submission = Readonly<{
  stream: string;
  commandId: string;
  /** SHA-256 over what makes it this command and no other; the edges say what that is (api.md). */
  fingerprint: Uint8Array;
  command: TargetCommand;
  context: CommandContext;
  /** W3C trace parent of the request or record that brought it. */
  traceparent?: string;
  /** Size of the request or record that brought it; what waits is bounded by it. */
  bytes?: number;
}>;

export type SubmitOptions = Readonly<{
  /** Without it a command waits for its outcome as long as it takes, also while the database is away. */
  giveUpAfterMs?: number;
  /** Target and deployment may be null: those of an outcome that stands already cost a fold of the stream. */
  outcomeOnly?: boolean;
  /** Told of the events of the outcome, before it is answered, where they were appended just now. */
  appended?: (events: readonly NewEvent[]) => void;
}>;

/** What a command id was answered, for ever. */
export type Outcome = Readonly<{
  commandId: string;
  outcome: 'accepted' | 'rejected';
  code?: RejectionCode;
  detail?: string;
  /** The status that `not_allowed_from` names. */
  from?: string;
  /** Number of the deployment that the command concerned. */
  number: number | null;
  /** Where the target's stream stands after it; 0 if there is none. */
  position: number;
  version: number;
  events: ReadonlyArray<Readonly<{ type: string; version: number; position: number }>>;
  /** W3C trace parent of what brought the command. */
  traceparent?: string;
}>;

/** An outcome with the target and the deployment as they were just after it; null where it was rejected or there is none. */
export type Answer = Readonly<{ outcome: Outcome; target: Target | null; deployment: Deployment | null }>;

/** What `metadata` of an event holds. */
export type EventMetadata = Readonly<{ actor: Actor; traceparent?: string }>;

/** The id has its outcome, and it was another command's. */
export class CommandIdReused extends Error {
  override readonly name = 'CommandIdReused';
}

/** Not decided: the target holds as much as one may, and the command would add to it. Once it holds less, the same command may be sent again. */
export class TargetFull extends Error {
  override readonly name = 'TargetFull';
}

/** Not decided, or not known to be: try the same command id again after `retryAfterSeconds`. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly retriable = true;
  constructor(
    message: string,
    readonly retryAfterSeconds = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the waist asks of the event store. */
export type Store = Pick<
  EventStore,
  'append' | 'loadStreams' | 'readAbove' | 'loadOutcomes' | 'positionsOf' | 'readStream' | 'notify'
>;

/** Told of what happens in the waist, for metrics and traces; it must not throw. */
export type Observer = Readonly<{
  /** A batch with these commands sets out. What it answers is called when the batch is back, with the error of the call if any. */
  setsOut?(submissions: readonly Submission[]): (error?: unknown) => void;
  /** One call of the append function is back, after so many seconds. */
  appended(commands: number, seconds: number): void;
  /** A command got an answer: `accepted`, the code of its rejection, `reused`, `unavailable` or `error`. */
  answered(type: CommandType, outcome: string): void;
}>;
