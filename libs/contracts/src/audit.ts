import { sequenceOf, sourceOf } from './cloud-events.js';

/** A signed checkpoint of the log, as it is stored. */
export type SignedCheckpoint = Readonly<{ size: number; root: Buffer; keyId: string; time: string; note: string }>;

/** The same as it is shown; `note` alone is what was signed, all else stands in it. */
export type PresentedCheckpoint = Readonly<{ size: number; root: string; time: string; keyId: string; note: string }>;

/** A checkpoint as HTTP and the topic show it. */
export const presentCheckpoint = ({ size, root, time, keyId, note }: SignedCheckpoint): PresentedCheckpoint => ({
  size,
  root: root.toString('base64'),
  time,
  keyId,
  note,
});

/** The Kafka headers of a checkpoint, whose value is `presentCheckpoint`; its sequence is how far it vouches for the log. */
export const ceHeadersOfCheckpoint = (
  storeId: string,
  { size, time }: Pick<PresentedCheckpoint, 'size' | 'time'>,
): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: `${storeId}/checkpoints/${size}`,
  ce_source: sourceOf(storeId),
  ce_type: 'io.shiplog.audit.checkpoint.v1',
  ce_subject: 'audit',
  ce_time: time,
  ce_sequence: sequenceOf(size),
  ce_partitionkey: sourceOf(storeId),
  'content-type': 'application/json',
});

/** An event with all that its hash was made from. */
export type SealedEvent = Readonly<{
  position: number;
  stream: string;
  version: number;
  /** The 16 bytes of its UUID, in hexadecimal digits. */
  id: string;
  type: string;
  occurredAt: string;
  recordedAt: string;
  commandId: string;
  data: string;
  metadata: string;
  hash: Buffer;
}>;

/**
 * An event as exports with hashes have it, as JSON text on one line: everything in it is what the hash was made from, `data`
 * and `metadata` as texts, which no reader of JSON spells anew. People stand in it by their opaque ids.
 */
export const sealedEventText = ({ id, hash, ...event }: SealedEvent): string =>
  `{"position":${event.position},"stream":${JSON.stringify(event.stream)},"version":${event.version},"eventId":"${uuid(id)}"` +
  `,"type":"${event.type}","occurredAt":"${event.occurredAt}","recordedAt":"${event.recordedAt}"` +
  `,"commandId":${JSON.stringify(event.commandId)},"data":${JSON.stringify(event.data)}` +
  `,"metadata":${JSON.stringify(event.metadata)},"hash":"${hash.toString('base64')}"}`;

const uuid = (digits: string): string =>
  `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
