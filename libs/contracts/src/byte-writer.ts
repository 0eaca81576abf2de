/** Below that a loop is quicker than the call that copies. */
const SHORT = 100;
const ZERO = 48;

/**
 * Buffers of one size that are used again once they were given back: memory outside the heap that is allocated piece by piece
 * makes V8 look through the whole heap every 64 MB of it.
 */
export class Pieces {
  private readonly free: ArrayBuffer[] = [];

  constructor(private readonly size: number) {}

  /** A buffer for so many bytes, or wider. */
  get(atLeast: number): Buffer<ArrayBuffer> {
    const known = atLeast > this.size ? undefined : this.free.pop();
    return known ? Buffer.from(known) : Buffer.allocUnsafeSlow(Math.max(this.size, atLeast));
  }

  /** Nobody may look at these pieces, or at others of the same buffers, any more. */
  giveBack(pieces: ReadonlyArray<Buffer>): void {
    for (const buffer of new Set(pieces.map((piece) => piece.buffer as ArrayBuffer)))
      if (buffer.byteLength === this.size) this.free.push(buffer);
  }
}

/** Bytes one behind the other in one buffer: a call or an object for each of many short pieces would cost more than the pieces. */
export class ByteWriter {
  private bytes = Buffer.alloc(0);
  private length = 0;
  private readonly full: Buffer[] = [];

  /** It writes to buffers of these. */
  constructor(private readonly pieces: Pieces) {}

  /** Makes room for so many bytes: all that is put before the next call has to fit. */
  reserve(room: number): void {
    if (this.bytes.length - this.length >= room) return;
    this.finish();
    this.bytes = this.pieces.get(room);
    this.length = 0;
  }

  put(from: Buffer, start = 0, end = from.length): void {
    const { bytes, length } = this;
    if (end - start > SHORT) from.copy(bytes, length, start, end);
    else for (let at = start, to = length; at < end; at += 1, to += 1) bytes[to] = from[at]!;
    this.length = length + end - start;
  }

  byte(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  /** A whole number, not below zero, in decimal digits. */
  number(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits += 1;
    let rest = value;
    for (let to = this.length + digits - 1; to >= this.length; to -= 1) {
      const tens = Math.floor(rest / 10);
      this.bytes[to] = ZERO + (rest - 10 * tens);
      rest = tens;
    }
    this.length += digits;
  }

  /** All that has been written since the last time. */
  take(): Buffer[] {
    this.finish();
    return this.full.splice(0);
  }

  private finish(): void {
    if (this.length > 0) this.full.push(this.bytes.subarray(0, this.length));
    this.bytes = this.bytes.subarray(this.length);
    this.length = 0;
  }
}
