import type { Timestamp } from './types.js';

const ZERO = '0'.charCodeAt(0);
const SECOND = 1_000_000;
const DAY_SECONDS = 86_400;
const DAY_MS = 86_400_000;
/** From 1970 to 2000, where PostgreSQL begins to count. */
const DAYS_BEFORE = 10_957;

/** 2^32 microseconds. */
const HIGH_SECONDS = 4_294;
const HIGH_MICROSECONDS = 967_296;

const HOUR = '2026-11-20T'.length;
const MINUTE = HOUR + 3;
const FRACTION = HOUR + 9;

/**
 * A timestamptz of PostgreSQL's binary format as the bytes of a Timestamp. What the last one had as well is not written again:
 * the events of a batch were recorded at once, and days are long.
 */
export class TimestampBytes {
  readonly bytes = Buffer.from('2000-01-01T00:00:00.000000Z', 'latin1');
  private high = 0;
  private low = 0;
  private day = 0;
  private secondOfDay = 0;
  private shown: Timestamp | undefined;

  /** Microseconds since 2000, in two halves: together they are beyond what a double counts. */
  read(from: Buffer, at: number): void {
    const high = from.readInt32BE(at);
    const low = from.readUInt32BE(at + 4);
    if (high === this.high && low === this.low) return;
    [this.high, this.low, this.shown] = [high, low, undefined];
    const microseconds = high * HIGH_MICROSECONDS + low;
    const more = Math.floor(microseconds / SECOND);
    this.writeSecond(high * HIGH_SECONDS + more);
    this.write(FRACTION, 6, microseconds - more * SECOND);
  }

  text(): Timestamp {
    return (this.shown ??= this.bytes.toString('latin1'));
  }

  private writeSecond(second: number): void {
    const day = Math.floor(second / DAY_SECONDS);
    const secondOfDay = second - day * DAY_SECONDS;
    if (day !== this.day)
      this.bytes.write(new Date((day + DAYS_BEFORE) * DAY_MS).toISOString().slice(0, HOUR), 'latin1');
    if (secondOfDay !== this.secondOfDay) {
      const minute = Math.floor(secondOfDay / 60);
      const hour = Math.floor(minute / 60);
      this.write(HOUR, 2, hour);
      this.write(MINUTE, 2, minute - 60 * hour);
      this.write(MINUTE + 3, 2, secondOfDay - 60 * minute);
    }
    [this.day, this.secondOfDay] = [day, secondOfDay];
  }

  private write(at: number, digits: number, value: number): void {
    let rest = value;
    for (let to = at + digits - 1; to >= at; to -= 1) {
      const tens = Math.floor(rest / 10);
      this.bytes[to] = ZERO + (rest - 10 * tens);
      rest = tens;
    }
  }
}
