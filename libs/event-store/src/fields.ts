import { microsecondsOf } from './times.js';

const LENGTH = 4;
const NULL = -1;
/** Up to so many characters a loop is faster than a call out of JavaScript. */
const SHORT = 24;
/** Bytes that a character of UTF-16 takes in UTF-8 at most. */
const WIDEST = 3;
/** Before and behind all moments, as PostgreSQL counts them. */
const ENDS: ReadonlyMap<string, bigint> = new Map([
  ['-infinity', -(2n ** 63n)],
  ['infinity', 2n ** 63n - 1n],
]);

/** Values in PostgreSQL's binary format, each behind its length: as they stand in an array, and in a row of a COPY. */
export class FieldWriter {
  #bytes: Buffer;
  #at = 0;
  #time = '';
  #micros = 0n;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  /** What was written, up to the next write; the writer begins anew. */
  take(): Buffer {
    const written = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return written;
  }

  short(value: number): void {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  null(): void {
    this.int(NULL);
  }

  int(value: number): void {
    this.#reserve(LENGTH);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int4(value: number): void {
    this.int(4);
    this.int(value);
  }

  int8(value: number): void {
    this.int(8);
    this.int(Math.floor(value / 2 ** 32));
    this.int(value | 0);
  }

  boolean(value: boolean): void {
    this.int(1);
    this.#reserve(1);
    this.#at = this.#bytes.writeUInt8(value ? 1 : 0, this.#at);
  }

  /** A canonical moment (`Timestamp`), `-infinity` or `infinity`. */
  time(value: string): void {
    if (value !== this.#time) [this.#time, this.#micros] = [value, ENDS.get(value) ?? microsecondsOf(value)];
    this.int(8);
    this.#reserve(8);
    this.#at = this.#bytes.writeBigInt64BE(this.#micros, this.#at);
  }

  text(value: string): void {
    this.#reserve(LENGTH + WIDEST * value.length);
    const start = this.#at + LENGTH;
    const bytes = this.#ascii(value, start) ? value.length : this.#bytes.write(value, start);
    this.#bytes.writeInt32BE(bytes, this.#at);
    this.#at = start + bytes;
  }

  /** A one-dimensional array of text. */
  texts(values: readonly string[], oid: number): void {
    const start = this.#at;
    this.int(0);
    this.arrayHeader(oid, values.length);
    for (const value of values) this.text(value);
    this.#bytes.writeInt32BE(this.#at - start - LENGTH, start);
  }

  /** What stands before the elements of an array. */
  arrayHeader(oid: number, length: number): void {
    this.int(length === 0 ? 0 : 1);
    // Whether some are null is not looked at.
    this.int(0);
    this.int(oid);
    if (length === 0) return;
    this.int(length);
    this.int(1);
  }

  #ascii(value: string, start: number): boolean {
    if (value.length > SHORT) return false;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#bytes[start + index] = code;
    }
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + bytes);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
