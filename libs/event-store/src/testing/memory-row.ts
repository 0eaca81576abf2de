import type { EventRow, Span } from '../event-row.js';
import type { StoredEvent } from '../types.js';

const bytesOf = new WeakMap<StoredEvent, Readonly<{ bytes: Buffer; spans: readonly Span[] }>>();

const encoded = (event: StoredEvent): Readonly<{ bytes: Buffer; spans: readonly Span[] }> => {
  const known = bytesOf.get(event);
  if (known) return known;
  const { stream, type, data, metadata, commandId } = event;
  const parts = [stream, type, data, metadata, commandId].map((text) => Buffer.from(text));
  let at = 0;
  const spans = parts.map(({ length }) => ({ start: at, end: (at += length) }));
  const made = { bytes: Buffer.concat(parts), spans };
  bytesOf.set(event, made);
  return made;
};

/** An event as `readRows` hands it out. */
export const rowOf = (event: StoredEvent): EventRow => {
  const { bytes, spans } = encoded(event);
  const [stream, type, data, metadata, commandId] = spans;
  const { id, ...rest } = event;
  const row = {
    ...{ bytes, stream, type, data, metadata, commandId, id: { start: 0, end: 0 } },
    ...{ position: event.position, version: event.version },
    ...{ occurredAt: { text: () => event.occurredAt }, recordedAt: { text: () => event.recordedAt } },
    text: ({ start, end }: Span) => bytes.toString('utf8', start, end),
    toEvent: () => rest,
  };
  return row as unknown as EventRow;
};

/** About what the row takes on the wire. */
export const sizeOf = (event: StoredEvent): number => encoded(event).bytes.length + 70;
