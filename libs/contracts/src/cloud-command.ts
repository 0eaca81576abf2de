import { badInput } from './bad-input.js';
import { isCommandId } from './checks.js';
import { commandCeType } from './cloud-events.js';
import { decode, readJson } from './json.js';
import { isTraceparent } from './traceparent.js';

type HeaderValue = Uint8Array | string;
/** A record of the commands topic, as Kafka clients hand it over. */
export type CommandMessage = Readonly<{
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>> | undefined;
}>;
/** The bare command that a record carries, and what its envelope adds. */
export type Unwrapped = Readonly<{ data: unknown; id?: string; traceparent?: string }>;
type Attributes = { specversion?: unknown; id?: unknown; type?: unknown };

/** Takes a CloudEvent in structured or binary mode, or nothing, off a command. Throws BadInput where the envelope is none. */
export const unwrap = (message: CommandMessage): Unwrapped => {
  if (message.value === null) throw badInput('value', 'is missing');
  const contentType = header(message, 'content-type') ?? '';
  const value = readJson(message.value, 'value');
  if (/^application\/cloudevents\+json\s*(;|$)/i.test(contentType)) return structured(message, value);
  if (/^application\/cloudevents/i.test(contentType))
    throw badInput('content-type', 'must be application/cloudevents+json');
  return isBinary(message) ? binary(message, value) : { data: value, ...traceOf(traceIn(message)) };
};

const isBinary = ({ headers = {} }: CommandMessage): boolean =>
  ['ce_specversion', 'ce_id', 'ce_type'].some((name) => headers[name] !== undefined);

const binary = (message: CommandMessage, data: unknown): Unwrapped => {
  const version = header(message, 'ce_specversion') ?? '1.0';
  const attributes = { specversion: version, id: header(message, 'ce_id'), type: header(message, 'ce_type') };
  const trace = traceIn(message, 'ce_traceparent') ?? traceIn(message);
  return { data, id: idOf(attributes, data, 'ce_'), ...traceOf(trace) };
};

const structured = (message: CommandMessage, value: unknown): Unwrapped => {
  if (typeof value !== 'object' || value === null || !('data' in value || 'data_base64' in value))
    throw badInput('value', 'must be a CloudEvent with the command as its data');
  const event: Attributes & { data?: unknown; data_base64?: unknown; traceparent?: unknown } = value;
  const data = 'data' in event ? event.data : fromBase64(event.data_base64);
  return { data, id: idOf(event, data, ''), ...traceOf(event.traceparent ?? traceIn(message)) };
};

/** The command's JSON as bytes, which libraries make of what they were not told to be JSON (CloudEvents 1.0.2, JSON format, 3.1.1). */
const fromBase64 = (text: unknown): unknown => {
  if (typeof text !== 'string' || !BASE64.test(text)) throw badInput('data_base64', 'must be base64');
  return readJson(Buffer.from(text, 'base64'), 'data_base64');
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The id of a CloudEvent is the command id, and its type says what the data is: it has to be true. */
const idOf = ({ specversion, id, type }: Attributes, data: unknown, prefix: string): string => {
  if (specversion !== '1.0') throw badInput(`${prefix}specversion`, 'must be 1.0');
  if (!isCommandId(id))
    throw badInput(
      `${prefix}id`,
      'must be 1 to 255 characters without control characters, not beginning with shiplog:',
    );
  if (type !== commandCeType((data as { type?: unknown } | null)?.type))
    throw badInput(`${prefix}type`, "must be io.shiplog.command.<the command's type>.v1");
  return id;
};

const header = ({ headers = {} }: CommandMessage, name: string): string | undefined => {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return decode(value, name);
  throw badInput(name, 'stands more than once among the headers');
};

/** Whatever stands there: a trace that is none makes no command a wrong one. */
const traceIn = ({ headers = {} }: CommandMessage, name = 'traceparent'): unknown => {
  const value = headers[name];
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
};

const traceOf = (text: unknown): { traceparent?: string } => (isTraceparent(text) ? { traceparent: text } : {});
