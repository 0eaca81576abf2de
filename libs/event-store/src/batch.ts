import { hash } from 'node:crypto';
import { byteaArray, intArray, jsonArray, textArray, timeArray, uuidArray } from './arrays.js';
import { asTimestamp } from './times.js';
import type { AppendResult, Batch, NewEvent, RefusedStream, StoredOutcome, StreamSnapshot } from './types.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/**
 * What tells a command id of a stream from all others: the first 16 bytes of SHA-256 of stream, NUL and command id, in
 * hexadecimal digits, for a Buffer of its own would cost more than the hash. Of a UUIDv7 the first 6 are its time: keys made one
 * after the other stand side by side in their index, however large that is.
 */
export const commandKey = (stream: string, commandId: string): string => {
  const digits = hash('sha256', `${stream}\0${commandId}`, 'hex');
  if (!UUID_V7.test(commandId)) return digits.slice(0, 32);
  return commandId.slice(0, 8) + commandId.slice(9, 13) + digits.slice(0, 20);
};

/** An event with what its row says beyond itself. */
type EventRow = Readonly<{ event: NewEvent; of: number; version: number; commandId: string }>;

/** A batch as rows: `last` is the number of the last event of the stream, in all or up to that command, counted from 1; 0 is none. */
type Rows = Readonly<{
  events: readonly EventRow[];
  from: readonly number[];
  streamLast: readonly number[];
  commandLast: readonly number[];
}>;

const rowsOf = ({ streams, commands }: Batch): Rows => {
  if (new Set(streams.map(({ stream }) => stream)).size < streams.length)
    throw new Error('A stream stands twice in a batch.');
  const events: EventRow[] = [];
  const commandLast: number[] = [];
  const streamLast = streams.map(() => 0);
  const from: number[] = streams.map(() => NaN);
  const reached: number[] = streams.map(() => NaN);
  for (const { stream: of, commandId, version, events: own } of commands) {
    const before = version - own.length;
    if (from[of] === undefined)
      throw new Error(`Command ${commandId} is of stream ${of}, which the batch does not have.`);
    if (Number.isNaN(from[of])) from[of] = before;
    else if (reached[of] !== before)
      throw new Error(`Command ${commandId} does not follow the one before it in its stream.`);
    reached[of] = version;
    own.forEach((event, index) => events.push({ event, of, version: before + index + 1, commandId }));
    if (own.length > 0) streamLast[of] = events.length;
    commandLast.push(streamLast[of] ?? 0);
  }
  if (from.some(Number.isNaN)) throw new Error('A stream of the batch has no command.');
  return { events, from, streamLast, commandLast };
};

/** The arguments of the append function behind the first two, in its order. */
const parametersOf = (batch: Batch, { events, from, streamLast, commandLast }: Rows): Buffer[] => {
  const { streams, commands } = batch;
  const nameOf = (of: number): string => streams[of]?.stream ?? '';
  return [
    textArray(streams.map((s) => s.stream)),
    uuidArray(streams.map((s) => s.expectedHead)),
    intArray(from),
    intArray(streamLast),
    textArray(streams.map((s) => s.state ?? '')),
    intArray(commands.map((c) => c.stream + 1)),
    textArray(commands.map((c) => nameOf(c.stream))),
    uuidArray(commands.map((c) => commandKey(nameOf(c.stream), c.commandId))),
    textArray(commands.map((c) => c.commandId)),
    byteaArray(commands.map((c) => c.fingerprint)),
    jsonArray(commands.map((c) => c.outcome)),
    intArray(commands.map((c) => c.version)),
    intArray(commandLast),
    intArray(events.map((e) => e.of + 1)),
    textArray(events.map((e) => nameOf(e.of))),
    intArray(events.map((e) => e.version)),
    uuidArray(events.map((e) => e.event.id)),
    textArray(events.map((e) => e.event.type)),
    textArray(events.map((e) => e.commandId)),
    timeArray(events.map((e) => e.event.occurredAt)),
    jsonArray(events.map((e) => e.event.data)),
    jsonArray(events.map((e) => e.event.metadata)),
  ];
};

/** What the append function answers. */
export type AppendRow = Readonly<{
  base: number;
  reached: number;
  recordedAt: string;
  stood: readonly number[] | null;
  refused: ReadonlyArray<Omit<StreamSnapshot, 'version'> & { of: number; version: number | null }> | null;
  outcomes: ReadonlyArray<Omit<StoredOutcome, 'fingerprint'> & { of: number; fingerprint: string }> | null;
  partitionsDue: boolean;
}>;

const placeholders = Array.from({ length: 24 }, (_, index) => `$${index + 1}`).join(', ');

/** The call of the append function. */
export const appendCall = `select base, reached, ${asTimestamp('recorded_at')} as "recordedAt", stood,
 refused, outcomes, partitions_due as "partitionsDue" from append_batch(${placeholders})`;

/** A batch made ready for the append function. Throws where it contradicts itself. */
export const encodeBatch = (batch: Batch): Buffer[] => parametersOf(batch, rowsOf(batch));

const refusedOf = ({ refused, outcomes }: AppendRow): Map<number, RefusedStream> => {
  const found = new Map<number, RefusedStream>();
  for (const { of, stream, version, position, head, state, stateVersion } of refused ?? []) {
    const snapshot = version === null ? null : { stream, version, position, head, state, stateVersion };
    const own = (outcomes ?? []).filter((outcome) => outcome.of === of);
    found.set(of - 1, {
      snapshot,
      outcomes: own.map(({ of: _, fingerprint, ...outcome }) => ({
        ...outcome,
        fingerprint: Buffer.from(fingerprint, 'hex'),
      })),
    });
  }
  return found;
};

/** Positions are counted in order of arrival over what passed, as the append function counts them. */
export const readAppended = ({ streams, commands }: Batch, row: AppendRow): AppendResult => {
  const refused = refusedOf(row);
  const position = streams.map((_, index) => row.stood?.[index] ?? 0);
  let last = row.base;
  const placed = commands.map(({ stream, events }) => {
    if (refused.has(stream)) return undefined;
    if (events.length === 0) return { firstPosition: position[stream] ?? 0, position: position[stream] ?? 0 };
    const firstPosition = last + 1;
    last += events.length;
    position[stream] = last;
    return { firstPosition, position: last };
  });
  return { recordedAt: row.recordedAt, commands: placed, refused };
};
