import { encodeBatch } from '../batch.js';
import { LOG_WENT_BACK } from '../errors.js';
import { passes, type EventFilter, type StreamRange } from '../queries.js';
import {
  NO_STREAM,
  type AppendResult,
  type Batch,
  type LogHead,
  type RefusedStream,
  type StoredEvent,
  type StoredOutcome,
  type StreamSnapshot,
  type Timestamp,
} from '../types.js';

type Place = Readonly<{ stream: string; commandId: string }>;
const keyOf = ({ stream, commandId }: Place): string => `${stream}\0${commandId}`;

const ERROR = { code: 'XX000' };
const refusal = (message: string, code = ERROR.code): Error => Object.assign(new Error(message), { code });

/** What the append function answers, and how far the log reaches then. */
export type Appended = Readonly<{ result: AppendResult; reached: number }>;

/**
 * What the database keeps, in memory: each method is one statement, carried out whole. `MemoryStore` is a process' way to it.
 * That it is what PostgreSQL does is proved by `eventStoreContract`, of both.
 */
export class MemoryLog {
  storeId = '00000000-0000-7000-8000-000000000001';
  readonly events: StoredEvent[] = [];
  readonly outcomes: StoredOutcome[] = [];
  readonly #streams = new Map<string, StreamSnapshot>();
  readonly #byStream = new Map<string, StoredEvent[]>();
  readonly #byCommand = new Map<string, StoredOutcome>();
  #recordedAt: Timestamp = '0001-01-01T00:00:00.000000Z';

  /** `now` is the clock of the database. */
  constructor(readonly now: () => Timestamp) {}

  /** Each stream passes or fails whole; nothing is written where it throws. */
  append(batch: Batch, storeId: string, seen: number): Appended {
    encodeBatch(batch);
    checkJson(batch);
    if (storeId !== this.storeId || this.events.length < seen)
      throw refusal(`The log went back: it stands at ${this.events.length}, and was seen at ${seen}.`, LOG_WENT_BACK);
    const refused = this.#refused(batch);
    this.#checkVersions(batch, refused);
    const now = this.now();
    const recordedAt = now > this.#recordedAt ? now : this.#recordedAt;
    const commands = batch.commands.map((_, i) => (refused.has(batch.commands[i]!.stream) ? undefined : i));
    const placed = commands.map((i) => (i === undefined ? undefined : this.#write(batch, i, recordedAt)));
    batch.streams.forEach(({ stream, state }, of) => refused.has(of) || this.#leave(stream, state));
    if (placed.some((each) => each !== undefined)) this.#recordedAt = recordedAt;
    return { result: { recordedAt, commands: placed, refused }, reached: this.events.length };
  }

  #refused({ streams, commands }: Batch): Map<number, RefusedStream> {
    const refused = new Map<number, RefusedStream>();
    streams.forEach(({ stream, expectedHead }, of) => {
      const snapshot = this.#streams.get(stream) ?? null;
      const own = commands.filter((command) => command.stream === of);
      const outcomes = own.flatMap(({ commandId }) => this.#byCommand.get(keyOf({ stream, commandId })) ?? []);
      if ((snapshot?.head ?? NO_STREAM) !== expectedHead || outcomes.length > 0)
        refused.set(of, { snapshot, outcomes });
    });
    return refused;
  }

  #checkVersions({ streams, commands }: Batch, refused: ReadonlyMap<number, RefusedStream>): void {
    const ids = new Set<string>();
    const begun = new Set<number>();
    for (const { stream: of, commandId, version, events } of commands) {
      const { stream, expectedHead } = streams[of]!;
      const snapshot = this.#streams.get(stream);
      const isAtHead = (snapshot?.head ?? NO_STREAM) === expectedHead;
      if (isAtHead && !begun.has(of) && (snapshot?.version ?? 0) !== version - events.length)
        throw refusal(`Stream ${stream} does not stand at the version that the batch gives for its head.`);
      begun.add(of);
      const id = keyOf({ stream, commandId });
      if (ids.has(id) && !refused.has(of)) throw refusal('duplicate key value violates unique constraint', '23505');
      ids.add(id);
    }
  }

  #write(batch: Batch, i: number, recordedAt: Timestamp): { firstPosition: number; position: number } {
    const { stream: of, commandId, fingerprint, outcome, version, events } = batch.commands[i]!;
    const { stream } = batch.streams[of]!;
    const own = this.#byStream.get(stream) ?? [];
    this.#byStream.set(stream, own);
    const stood = own.at(-1)?.position ?? 0;
    const first = this.events.length + 1;
    events.forEach((event, n) => {
      const position = this.events.length + 1;
      const stored = { ...event, position, stream, version: version - events.length + n + 1, commandId, recordedAt };
      this.events.push(stored);
      own.push(stored);
    });
    const position = events.length === 0 ? stood : this.events.length;
    const seq = this.outcomes.length + 1;
    const answered = { stream, commandId, fingerprint, outcome, position, version, seq, recordedAt };
    this.outcomes.push(answered);
    this.#byCommand.set(keyOf(answered), answered);
    return { firstPosition: events.length === 0 ? stood : first, position };
  }

  #leave(stream: string, state: string | undefined): void {
    const last = this.#byStream.get(stream)?.at(-1);
    const before = this.#streams.get(stream);
    if (last === undefined || last.version === before?.version) return;
    const { version, position, id: head } = last;
    const left =
      state === undefined
        ? { state: before!.state, stateVersion: before!.stateVersion }
        : { state, stateVersion: version };
    this.#streams.set(stream, { stream, version, position, head, ...left });
  }

  /** A log of its own with the events up to a position, for who wants to know what is made of them. */
  upTo(position: number): MemoryLog {
    const copy = new MemoryLog(this.now);
    for (const event of this.events.slice(0, position)) {
      copy.events.push(event);
      const own = copy.#byStream.get(event.stream) ?? [];
      own.push(event);
      copy.#byStream.set(event.stream, own);
    }
    return copy;
  }

  head(): LogHead {
    const { storeId } = this;
    return {
      storeId,
      position: this.events.length,
      seq: this.outcomes.length,
      recordedAt: this.#recordedAt,
      now: this.now(),
    };
  }

  streamsNotAt(names: readonly string[], heads: readonly string[]): Map<string, StreamSnapshot> {
    const moved = names.flatMap((name, i) => {
      const snapshot = this.#streams.get(name);
      return snapshot === undefined || snapshot.head === heads[i] ? [] : [snapshot];
    });
    return new Map(moved.map((snapshot) => [snapshot.stream, snapshot]));
  }

  above(versions: ReadonlyMap<string, number>): Map<string, StoredEvent[]> {
    const found = [...versions].map(([stream, above]): [string, StoredEvent[]] => [
      stream,
      this.stream(stream, { after: above }),
    ]);
    return new Map(found.filter(([, events]) => events.length > 0));
  }

  outcomesOf(ids: readonly Place[]): Array<StoredOutcome | undefined> {
    return ids.map((id) => this.#byCommand.get(keyOf(id)));
  }

  /** Those of a filter behind a position, as they are there now. */
  behind(after: number, limit: number, filter: EventFilter = {}): StoredEvent[] {
    const { upTo = Infinity } = filter;
    const own = this.events.slice(after).filter((event) => event.position <= upTo && passes(filter, event));
    return own.slice(0, limit);
  }

  stream(stream: string, range: StreamRange = {}): StoredEvent[] {
    const { after = 0, upTo = Infinity, types, from = '', to = '~', members = {}, limit = Infinity } = range;
    const named = Object.entries(members);
    const found = (this.#byStream.get(stream) ?? []).filter(
      ({ version, type, recordedAt, data }) =>
        version > after &&
        version <= upTo &&
        (types?.includes(type) ?? true) &&
        recordedAt >= from &&
        recordedAt < to &&
        (named.length === 0 || hasMember(data, named)),
    );
    return (range.newestFirst ? found.toReversed() : found).slice(0, limit);
  }

  positionsOf(places: ReadonlyArray<Readonly<{ stream: string; version: number }>>): Array<number | undefined> {
    return places.map(({ stream, version }) => this.#byStream.get(stream)?.[version - 1]?.position);
  }
}

const hasMember = (data: string, named: ReadonlyArray<[string, readonly (string | number)[]]>): boolean => {
  const body = JSON.parse(data) as Record<string, unknown>;
  return named.some(([name, values]) => values.map(String).includes(String(body[name])));
};

const checkJson = ({ commands }: Batch): void => {
  for (const { outcome, events } of commands) {
    JSON.parse(outcome);
    for (const { data, metadata } of events) [data, metadata].forEach((text) => JSON.parse(text));
  }
};
