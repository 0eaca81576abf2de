import { hash } from 'node:crypto';
import type { Actor, EventType } from '#domain';

/** The CloudEvents type of an event: `DeploymentFinished` is `io.shiplog.deployment.finished.v1`. */
export const ceTypeOf = (type: EventType | (string & {})): string => {
  const [, noun = '', verb = ''] = /^(Target|Deployment)([A-Z][A-Za-z]*)$/.exec(type) ?? [];
  return `io.shiplog.${noun.toLowerCase()}.${verb.toLowerCase()}.v1`;
};

/** The CloudEvents type of a command: `io.shiplog.command.FinishDeployment.v1`. */
export const commandCeType = (type: unknown): string => `io.shiplog.command.${typeof type === 'string' ? type : ''}.v1`;

/** An event of the log, as the event store hands it over; `data` and `metadata` are JSON texts. */
export type LoggedEvent = Readonly<{
  position: number;
  stream: string;
  version: number;
  type: string;
  data: string;
  metadata: string;
  commandId: string;
  occurredAt: string;
  recordedAt: string;
}>;

/** The name of an event outside the store. */
export const eventIdOf = (storeId: string, position: number): string => `${storeId}/${position}`;

/** The subject of a stream, `<project>/<key>`: it is the Kafka key as well. */
export const keyOfStream = (stream: string): string => stream.slice(stream.indexOf(':') + 1);

/**
 * The Kafka headers of an event: a CloudEvent in binary mode, whose value is the event's `data`, and the W3C trace parent
 * of its command where one came. Written out, here and below, because an object put together from parts costs ten times
 * as much.
 */
export const ceHeadersOf = (storeId: string, event: LoggedEvent): Record<string, string> => {
  const { actor, traceparent } = JSON.parse(event.metadata) as Metadata;
  const number = numberIn(event.data);
  const key = keyOfStream(event.stream);
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: eventIdOf(storeId, event.position),
    ce_source: sourceOf(storeId),
    ce_type: ceTypeOf(event.type),
    ce_subject: number === undefined ? key : `${key}/${number}`,
    ce_time: event.occurredAt,
    ce_sequence: sequenceOf(event.position),
    ce_partitionkey: key,
    ce_recordedtime: event.recordedAt,
    ce_correlationid: traceIdOf(traceparent) ?? event.commandId,
    ce_causationid: event.commandId,
    'content-type': 'application/json',
    ce_streamversion: String(event.version),
    ce_actorid: actor.id,
    ce_actorkind: actor.kind,
  };
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  return headers;
};

type Metadata = Readonly<{ actor: Pick<Actor, 'id' | 'kind'>; traceparent?: string }>;

/** The deployment that an event's data are about. The domain writes the number first: nobody has to read the rest for it. */
export const numberIn = (data: string): number | undefined => {
  const first = data.startsWith(FIRST) ? Number.parseInt(data.slice(FIRST.length, FIRST.length + DIGITS), 10) : NaN;
  return Number.isNaN(first) ? (JSON.parse(data) as { number?: number }).number : first;
};
const FIRST = '{"number":';
/** As many as the largest number has. */
const DIGITS = 16;

/** An outcome of the log with its place among the outcomes. */
export type LoggedOutcome = Readonly<{
  stream: string;
  commandId: string;
  seq: number;
  version: number;
  recordedAt: string;
}>;

/** The Kafka headers of an outcome, whose value is `presentOutcome`, and the trace parent of its command where one came. */
export const ceHeadersOfOutcome = (
  storeId: string,
  { stream, commandId, seq, version, recordedAt }: LoggedOutcome,
  { outcome, traceparent }: Readonly<{ outcome: 'accepted' | 'rejected'; traceparent?: string }>,
): Record<string, string> => {
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: `${storeId}/outcomes/${seq}`,
    ce_source: sourceOf(storeId),
    ce_type: `io.shiplog.command.${outcome}.v1`,
    ce_subject: keyOfStream(stream),
    ce_time: recordedAt,
    ce_sequence: sequenceOf(seq),
    ce_partitionkey: keyOfStream(stream),
    ce_recordedtime: recordedAt,
    ce_correlationid: traceIdOf(traceparent) ?? commandId,
    ce_causationid: commandId,
    'content-type': 'application/json',
    ce_streamversion: String(version),
  };
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  return headers;
};

/**
 * The Kafka headers of what is current now, after the event at `position`; `key` is `<project>/<target>`. The id names
 * the value too: published again, the same place may show something newer.
 */
export const ceHeadersOfCurrent = (
  storeId: string,
  { key, position, time, value }: Readonly<{ key: string; position: number; time: string; value: string | null }>,
): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: `${storeId}/current/${key}/${position}/${value === null ? 'none' : digestOf(value)}`,
  ce_source: sourceOf(storeId),
  ce_type: 'io.shiplog.target.current.v1',
  ce_subject: key,
  ce_time: time,
  ce_sequence: sequenceOf(position),
  ce_partitionkey: key,
  'content-type': 'application/json',
});

const digestOf = (value: string): string => hash('sha256', value, 'hex').slice(0, 16);
/** What the records of a store come from. */
export const sourceOf = (storeId: string): string => `urn:shiplog:${storeId}`;
export const sequenceOf = (position: number): string => String(position).padStart(19, '0');
const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];
