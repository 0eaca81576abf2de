import {
  deploymentEventTypes,
  targetEventTypes,
  type Actor,
  type Deployment,
  type EventType,
  type PlacedEvent,
  type Target,
  type Time,
} from '#domain';
import type { EventRow, EventStore, StoredEvent } from '#event-store';

export type Log = Pick<EventStore, 'readRows' | 'readStream'>;

/**
 * An event of the log as the views fold it. One that recovers a deployment brings that deployment as it stood, because
 * a target's small state no longer holds what has ended. `bytes` is how long its data is as JSON. `fold` is what it makes of its
 * target, from when somebody has folded it on: that is the same for every view.
 */
export type LogEvent = PlacedEvent &
  Readonly<{ stream: string; recordedAt: Time; bytes: number; recovers?: Deployment }> & { fold?: Fold | undefined };

/** When the clocks of each deployment in flight were set, by its number. */
export type Clocks = Readonly<Record<number, Time>>;

/** A target just before an event, undefined where there was none, and just after it; and its clocks just before, where they are known. */
export type Fold = Readonly<{ before: Target | undefined; after: Target; clocks: Clocks | undefined }>;

export const eventTypes: readonly EventType[] = [...targetEventTypes, ...deploymentEventTypes];

/** By the bytes of its name as text. */
const known: ReadonlyMap<string, EventType> = new Map(eventTypes.map((type) => [type, type]));

/** The log holds an event that this code cannot read, most likely written by a newer release. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';
  constructor(type: string, position: number) {
    super(
      `Event ${position} of the log has the unknown type ${type}: this release is older than the one that wrote it.`,
    );
  }
}

const knownType = (type: string, position: number): EventType => {
  const found = known.get(type);
  if (found === undefined) throw new UnknownEventType(type, position);
  return found;
};

/** An event as it is stored to one as it is folded; throws UnknownEventType where it cannot be read. */
export const toLogEvent = (event: Omit<StoredEvent, 'id'>): LogEvent => {
  const { stream, version, position, data, metadata, occurredAt, recordedAt } = event;
  return {
    type: knownType(event.type, position),
    data: JSON.parse(data),
    stream,
    version,
    position,
    actor: JSON.parse(metadata).actor,
    occurredAt,
    recordedAt,
    bytes: data.length,
    fold: undefined,
  } as LogEvent;
};

/** Senders are few: what many events say of theirs is read once. */
const ACTORS = 1_000;

/** The same of the bytes of events that follow each other. */
export class RowParser {
  readonly #actors = new Map<string, Actor>();

  parse(row: EventRow): LogEvent {
    const { position, data } = row;
    return {
      type: knownType(row.text(row.type), position),
      data: JSON.parse(row.text(data)),
      stream: row.text(row.stream),
      version: row.version,
      position,
      actor: this.#actorIn(row.text(row.metadata)),
      occurredAt: row.occurredAt.text(),
      recordedAt: row.recordedAt.text(),
      bytes: data.end - data.start,
      fold: undefined,
    } as LogEvent;
  }

  #actorIn(metadata: string): Actor {
    const known = this.#actors.get(metadata);
    if (known) return known;
    if (this.#actors.size === ACTORS) this.#actors.clear();
    const { actor } = JSON.parse(metadata) as { actor: Actor };
    this.#actors.set(metadata, actor);
    return actor;
  }
}
