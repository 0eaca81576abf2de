import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** Where a record came from. */
export type Origin = Readonly<{ topic: string; partition: number; offset: string }>;

const LONGEST_REASON = 1_000;

/**
 * The headers that the record really has. kafkajs collects them in a plain object, so that the value of one called
 * `constructor` comes mixed with what every object inherits; and it reads a header without a value as null.
 */
export function headersOf(headers: IHeaders = {}): Record<string, Buffer[]> {
  const own: [string, Buffer[]][] = [];
  for (const [name, values] of Object.entries(headers)) {
    own.push([name, [values].flat().filter((value) => value === null || Buffer.isBuffer(value)).map((value) => value ?? EMPTY)]);
  }
  return Object.fromEntries(own);
}

const EMPTY = Buffer.alloc(0);

/**
 * The dead letter of a record: key, value and headers as they came, byte for byte, and headers that say why and from
 * where. A header without a value gets an empty one, as kafkajs cannot write the other.
 */
export function deadLetter(record: Pick<KafkaMessage, 'key' | 'value' | 'headers'>, reason: string, origin: Origin): Message {
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...headersOf(record.headers),
      'shiplog-reason': reason.slice(0, LONGEST_REASON).toWellFormed(),
      'shiplog-topic': origin.topic,
      'shiplog-partition': String(origin.partition),
      'shiplog-offset': origin.offset,
    },
  };
}
