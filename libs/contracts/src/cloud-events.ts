import type { EventType } from '#domain';

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

/** The Kafka headers of an event: a CloudEvent in binary mode, whose value is the event's `data`. */
export const ceHeadersOf = (storeId: string, event: LoggedEvent): Record<string, string> => {
  const { actor, traceparent } = JSON.parse(event.metadata) as {
    actor: { id: string; kind: string };
    traceparent?: string;
  };
  const number = numberIn(event.data);
  const key = keyOfStream(event.stream);
  return {
    ...common(storeId, eventIdOf(storeId, event.position), event.position),
    ce_type: ceTypeOf(event.type),
    ce_subject: number === undefined ? key : `${key}/${number}`,
    ce_time: event.occurredAt,
    ce_partitionkey: key,
    ce_recordedtime: event.recordedAt,
    ce_correlationid: traceIdOf(traceparent) ?? event.commandId,
    ce_causationid: event.commandId,
    ce_streamversion: String(event.version),
    ce_actorid: actor.id,
    ce_actorkind: actor.kind,
  };
};

/** The domain writes the number first, so that nobody has to read the rest for it. */
const numberIn = (data: string): number | undefined => {
  const first = /^\{"number":(\d+)[,}]/.exec(data)?.[1];
  return first === undefined ? (JSON.parse(data) as { number?: number }).number : Number(first);
};

/** An outcome of the log with its place among the outcomes. */
export type LoggedOutcome = Readonly<{
  stream: string;
  commandId: string;
  seq: number;
  version: number;
  recordedAt: string;
}>;

/** The Kafka headers of an outcome, whose value is `presentOutcome`. */
export const ceHeadersOfOutcome = (
  storeId: string,
  { stream, commandId, seq, version, recordedAt }: LoggedOutcome,
  outcome: 'accepted' | 'rejected',
): Record<string, string> => ({
  ...common(storeId, `${storeId}/outcomes/${seq}`, seq),
  ce_type: `io.shiplog.command.${outcome}.v1`,
  ce_subject: keyOfStream(stream),
  ce_time: recordedAt,
  ce_partitionkey: keyOfStream(stream),
  ce_recordedtime: recordedAt,
  ce_correlationid: commandId,
  ce_causationid: commandId,
  ce_streamversion: String(version),
});

/** The Kafka headers of what is current now, after the event at `position`; `key` is `<project>/<target>`. */
export const ceHeadersOfCurrent = (
  storeId: string,
  { key, position, time }: Readonly<{ key: string; position: number; time: string }>,
): Record<string, string> => ({
  ...common(storeId, `${storeId}/current/${position}`, position),
  ce_type: 'io.shiplog.target.current.v1',
  ce_subject: key,
  ce_time: time,
  ce_partitionkey: key,
});

const common = (storeId: string, id: string, sequence: number): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: `urn:shiplog:${storeId}`,
  ce_sequence: String(sequence).padStart(19, '0'),
});

const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];
