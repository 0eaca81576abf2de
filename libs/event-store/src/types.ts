/** A moment as the store spells it: `2026-11-20T10:00:00.000000Z`. */
export type Timestamp = string;

/** The head of a stream that must not exist yet. */
export const NO_STREAM = '00000000-0000-0000-0000-000000000000';

/** An event to append: `data` and `metadata` are JSON texts, kept byte for byte. */
export type NewEvent = Readonly<{
  /** A UUIDv7 made by the writer; outside the store an event is named `<store id>/<position>`. */
  id: string;
  type: string;
  data: string;
  metadata: string;
  occurredAt: Timestamp;
}>;

/** An event of the log. `version` counts in its stream, `position` in the store, both from 1 without a gap. */
export type StoredEvent = Readonly<{
  position: number;
  stream: string;
  version: number;
  id: string;
  type: string;
  data: string;
  metadata: string;
  commandId: string;
  occurredAt: Timestamp;
  recordedAt: Timestamp;
}>;

/**
 * Where a stream stands: `head` is the id of its last event, `state` the JSON text that a writer left when the stream was at
 * `stateVersion`, which may be less than `version`.
 */
export type StreamSnapshot = Readonly<{
  stream: string;
  version: number;
  position: number;
  head: string;
  state: string;
  stateVersion: number;
}>;

/** One command of a batch with what was decided: `outcome` is a JSON text; `events` are its events, none for a rejection. */
export type DecidedCommand = Readonly<{
  /** Index into `Batch.streams`. */
  stream: number;
  commandId: string;
  /** 32 bytes that tell this command from another with the same id. */
  fingerprint: Uint8Array;
  outcome: string;
  /** Version of the stream after this command. */
  version: number;
  events: readonly NewEvent[];
}>;

/**
 * Streams with the head that they were decided on and the state they will have, which only a new stream has to bring: without one
 * the state that is there stays. Commands in order of arrival.
 */
export type Batch = Readonly<{
  streams: ReadonlyArray<Readonly<{ stream: string; expectedHead: string; state: string | undefined }>>;
  commands: readonly DecidedCommand[];
}>;

/** An outcome in the store. `position` is where the stream stood after it; its events are the last `n` up to there. */
export type StoredOutcome = Readonly<{
  stream: string;
  commandId: string;
  fingerprint: Uint8Array;
  outcome: string;
  position: number;
  version: number;
  /** Counts the outcomes of the store: 1, 2, 3 … without a gap, in commit order. */
  seq: number;
  recordedAt: Timestamp;
}>;

/** Of a stream that did not pass: where it really stands (null: it does not exist) and the outcomes its commands already have. */
export type RefusedStream = Readonly<{ snapshot: StreamSnapshot | null; outcomes: readonly StoredOutcome[] }>;

export type AppendResult = Readonly<{
  recordedAt: Timestamp;
  /** Per command of the batch: the position of its first event (`position` of the stream where it has none); undefined where its stream was refused. */
  commands: ReadonlyArray<Readonly<{ firstPosition: number; position: number }> | undefined>;
  /** By index into `Batch.streams`. */
  refused: ReadonlyMap<number, RefusedStream>;
}>;

/** Where the log stands. */
export type LogHead = Readonly<{
  storeId: string;
  position: number;
  seq: number;
  recordedAt: Timestamp;
  now: Timestamp;
}>;
