import type { IHeaders, Message } from 'kafkajs';

type Field = Buffer | string | null | undefined;

const FIRST_BYTES = 16 * 1024;
const KEPT_BYTES = 512 * 1024;
/** A varint of 32 bits. */
const LONGEST_VARINT = 5;
const BYTES_A_CHARACTER = 3;
/** Up to there a loop is quicker than the call that encodes. */
const SHORT = 64;
const ASCII = 0x7f;

/** The records of one partition in Kafka's format (magic 2), one behind the other, all of the time of their batch. */
export class RecordSet {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Valid until the next `add` or `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins again, in the room that it has; not in much more than most sets need. */
  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#length = 0;
    this.#count = 0;
  }

  add({ key, value, headers = {} }: Message): void {
    const start = this.#length;
    const body = start + LONGEST_VARINT;
    this.#length = body;
    this.#reserve(4 * LONGEST_VARINT);
    this.#byte(0); // attributes
    this.#byte(0); // timestamp delta
    this.#varint(this.#count);
    this.#field(key);
    this.#field(value);
    this.#headers(headers);
    const end = this.#length;
    this.#length = start;
    this.#varint(end - body);
    this.#bytes.copyWithin(this.#length, body, end);
    this.#length += end - body;
    this.#count += 1;
  }

  #headers(headers: IHeaders): void {
    const names = Object.keys(headers);
    let count = names.length;
    for (const name of names) {
      const values = headers[name];
      if (Array.isArray(values)) count += values.length - 1;
    }
    this.#reserve(LONGEST_VARINT);
    this.#varint(count);
    for (const name of names) {
      const values = headers[name];
      for (const value of Array.isArray(values) ? values : [values]) {
        this.#field(name);
        this.#field(value);
      }
    }
  }

  #field(value: Field): void {
    if (value == null) this.#none();
    else if (typeof value !== 'string') this.#buffer(value);
    else if (value.length > SHORT || !this.#ascii(value)) this.#text(value);
  }

  #none(): void {
    this.#reserve(1);
    this.#byte(1); // a length of -1
  }

  #buffer(value: Buffer): void {
    this.#reserve(LONGEST_VARINT + value.length);
    this.#varint(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  #text(value: string): void {
    const size = Buffer.byteLength(value);
    this.#reserve(LONGEST_VARINT + size);
    this.#varint(size);
    this.#length += this.#bytes.write(value, this.#length);
  }

  /** Most fields are short and of plain letters; false, and nothing written, where it is not. */
  #ascii(value: string): boolean {
    this.#reserve(LONGEST_VARINT + BYTES_A_CHARACTER * value.length);
    const start = this.#length;
    this.#varint(value.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (code > ASCII) {
        this.#length = start;
        return false;
      }
      bytes[at++] = code;
    }
    this.#length = at;
    return true;
  }

  #byte(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  /** Zigzag, of a number that is not below zero. */
  #varint(value: number): void {
    let rest = value * 2;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(wider, 0, 0, this.#length);
    this.#bytes = wider;
  }
}
