import type { NewRecord } from './broker.js';

/** Reads records in Kafka's format (magic 2), one behind the other: what the product encodes is read again here. */
export const recordsIn = (bytes: Buffer): NewRecord[] => {
  const records: NewRecord[] = [];
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) records.push(recordOf(reader));
  return records;
};

const recordOf = (reader: Reader): NewRecord => {
  reader.varint(); // length
  reader.skip(1); // attributes
  reader.varint(); // timestamp delta
  reader.varint(); // offset delta
  const key = reader.field();
  const value = reader.field();
  const headers: Record<string, Buffer | Buffer[]> = {};
  for (let count = reader.varint(); count > 0; count -= 1) {
    const name = reader.field()!.toString();
    const value = reader.field() as Buffer;
    // As kafkajs shows a name that comes again.
    headers[name] = name in headers ? [headers[name]!, value].flat() : value;
  }
  return { key, value, headers };
};

class Reader {
  #at = 0;
  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  field(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    return this.bytes.subarray(this.#at, (this.#at += length));
  }
}
