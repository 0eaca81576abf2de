import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** Where a record came from. */
export type Origin = Readonly<{ topic: string; partition: number; offset: string }>;

const LONGEST_REASON = 1_000;

type Value = Buffer | null;

/**
 * The headers that the record really has. kafkajs collects them in a plain object, so that the value of one called
 * `constructor` comes mixed with what every object inherits; and it reads a header without a value as null.
 */
const valuesOf = (headers: IHeaders = {}): Array<[name: string, values: Value | Value[]]> =>
  Object.entries(headers as Record<string, unknown>).map(([name, values]) => {
    const own = [values ?? null].flat().filter((value): value is Value => value === null || Buffer.isBuffer(value));
    return [name, own.length === 1 ? own[0]! : own];
  });

const EMPTY = Buffer.alloc(0);

/** The same to be read: one without a value is empty. */
export const headersOf = (headers: IHeaders | undefined): Record<string, Buffer | Buffer[]> =>
  Object.fromEntries(
    valuesOf(headers).map(([name, values]) => [
      name,
      Array.isArray(values) ? values.map((value) => value ?? EMPTY) : (values ?? EMPTY),
    ]),
  );

/**
 * The dead letter of a record: key, value and headers as they came, byte for byte, and headers that say why and from where. A
 * dead letter that was put back has such headers: they are replaced, as they are told by one name each.
 */
export function deadLetter(
  record: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
  reason: string,
  origin: Origin,
): Message {
  const headers = {
    ...Object.fromEntries(valuesOf(record.headers)),
    'shiplog-reason': reason.slice(0, LONGEST_REASON),
    'shiplog-topic': origin.topic,
    'shiplog-partition': String(origin.partition),
    'shiplog-offset': origin.offset,
  };
  // kafkajs' types know no header without a value; what encodes our records does.
  return { key: record.key, value: record.value, headers: headers as IHeaders };
}
