import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** Where a record came from. */
export type Origin = Readonly<{ topic: string; partition: number; offset: string }>;

const LONGEST_REASON = 1_000;

type Headers = Record<string, Buffer | Buffer[]>;
const EMPTY = Buffer.alloc(0);

/**
 * The headers that the record really has. kafkajs collects them in a plain object, so that the value of one called
 * `constructor` comes mixed with what every object inherits; and it reads a header without a value as null.
 */
export function headersOf(headers: IHeaders = {}): Headers {
  const named = Object.entries(headers).map(([name, values]): [string, Buffer | Buffer[]] => {
    const own = [values ?? EMPTY]
      .flat()
      .map((value) => value ?? EMPTY)
      .filter((value) => Buffer.isBuffer(value));
    return [name, own.length === 1 ? own[0]! : own];
  });
  return Object.fromEntries(named);
}

/**
 * The dead letter of a record: key, value and headers as they came, byte for byte, and headers that say why and from
 * where. A header without a value gets an empty one, as kafkajs cannot write the other.
 */
export function deadLetter(
  record: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
  reason: string,
  origin: Origin,
): Message {
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...headersOf(record.headers),
      'shiplog-reason': reason.slice(0, LONGEST_REASON),
      'shiplog-topic': origin.topic,
      'shiplog-partition': String(origin.partition),
      'shiplog-offset': origin.offset,
    },
  };
}
