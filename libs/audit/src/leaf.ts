import { hash } from 'node:crypto';

/** Of every hash in here. */
export const HASH_BYTES = 32;
/** What the first event has in the place of the hash of the one before it. */
export const NO_PREVIOUS: Buffer = Buffer.alloc(0);

type Span = Readonly<{ start: number; end: number }>;

/** An event as the bytes that the database has of it; `bytes` may hold more than this event. */
export type StoredBytes = Readonly<{
  bytes: Buffer;
  position: number;
  version: number;
  stream: Span;
  /** The 16 bytes of its UUID. */
  id: Span;
  type: Span;
  data: Span;
  metadata: Span;
  commandId: Span;
  /** As exports show them. */
  occurredAt: Readonly<{ bytes: Buffer }>;
  recordedAt: Readonly<{ bytes: Buffer }>;
}>;

/** Of RFC 6962: what keeps a leaf from being taken for a node. */
const LEAF = 0;
const LENGTH = 4;
const INT8 = 8;
/** All but the fields of any length. */
const FRAME = 1 + 11 * LENGTH + HASH_BYTES + 2 * INT8 + 64;

let entry = Buffer.alloc(16_384);
let at = 0;

const putLength = (length: number): void => {
  entry.writeUInt32BE(length, at);
  at += LENGTH;
};
const put = (from: Buffer, start = 0, end = from.length): void => {
  putLength(end - start);
  from.copy(entry, at, start, end);
  at += end - start;
};
const putNumber = (value: number): void => {
  putLength(INT8);
  entry.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  entry.writeUInt32BE(value >>> 0, at + LENGTH);
  at += INT8;
};

const sizeOf = ({ start, end }: Span): number => end - start;

/**
 * The hash that chains an event to the one before it, over its stored bytes: it is also its leaf of the Merkle tree. Each
 * field stands behind its length, so that no byte can move from one to the next. docs/audit.md has the layout.
 */
export const leafHash = (previous: Buffer, event: StoredBytes): Buffer => {
  const { bytes, stream, id, type, data, metadata, commandId } = event;
  const room = FRAME + sizeOf(stream) + sizeOf(id) + sizeOf(type) + sizeOf(data) + sizeOf(metadata) + sizeOf(commandId);
  if (room > entry.length) entry = Buffer.alloc(2 * room);
  entry[0] = LEAF;
  at = 1;
  put(previous);
  putNumber(event.position);
  put(bytes, stream.start, stream.end);
  putNumber(event.version);
  put(bytes, id.start, id.end);
  put(bytes, type.start, type.end);
  put(bytes, data.start, data.end);
  put(bytes, metadata.start, metadata.end);
  put(event.occurredAt.bytes);
  put(event.recordedAt.bytes);
  put(bytes, commandId.start, commandId.end);
  return hash('sha256', entry.subarray(0, at), 'buffer');
};
