import type { FastifyRequest } from 'fastify';
import { badInput } from '#contracts';
import { toTime, type Time } from '#domain';
import { objectIn } from '../kept.js';

/** What of a CloudEvent is looked at here. Its source and its id together are it and no other. */
export type CloudEvent = Readonly<{ id: string; source: string; type: string; time: Time | undefined; data: unknown }>;

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

const MAX_EVENTS = 100;
const MAX_TEXT = 1_000;

/** The events of a request, in structured, binary or batched mode; throws BadInput where it has none. */
export function readCloudEvents(request: FastifyRequest): CloudEvent[] {
  const { headers, body } = request;
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === STRUCTURED) return [read(body, '')];
  if (type !== BATCH) return [read({ ...attributesIn(headers), data: body }, 'ce-')];
  if (!Array.isArray(body) || body.length === 0 || body.length > MAX_EVENTS)
    throw badInput('body', `must be an array of 1 to ${MAX_EVENTS} CloudEvents`);
  return body.map((each, n) => read(each, `[${n}].`));
}

/** In binary mode attributes are headers, with whatever a header cannot hold percent-encoded. */
function attributesIn(headers: FastifyRequest['headers']): Record<string, unknown> {
  const named = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(3), decoded(String(value))]));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, '$1'));
  } catch {
    return value;
  }
}

function read(given: unknown, prefix: string): CloudEvent {
  const event = objectIn(given);
  if (!event) throw badInput(`${prefix}event`, 'must be a CloudEvent');
  const attribute = (name: string): string => {
    const value = event[name];
    if (typeof value !== 'string' || value === '' || value.length > MAX_TEXT)
      throw badInput(`${prefix}${name}`, `must be a text of 1 to ${MAX_TEXT} characters`);
    return value;
  };
  if (attribute('specversion') !== '1.0') throw badInput(`${prefix}specversion`, 'must be 1.0');
  return {
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type'),
    time: event['time'] === undefined ? undefined : timeIn(attribute('time'), prefix),
    data: dataIn(event, prefix),
  };
}

function timeIn(text: string, prefix: string): Time {
  const time = toTime(text);
  if (time === undefined) throw badInput(`${prefix}time`, 'must be a time of RFC 3339');
  return time;
}

/** As JSON, or as the text or the bytes of it. */
function dataIn({ data, data_base64: base64 }: Readonly<Record<string, unknown>>, prefix: string): unknown {
  const text = typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('utf8') : data;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    throw badInput(`${prefix}data`, 'must be JSON');
  }
}
