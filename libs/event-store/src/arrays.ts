import { microsecondsOf } from './times.js';

const HEADER = 20;
const oids = { bytea: 17, int4: 23, text: 25, json: 114, timestamptz: 1184, uuid: 2950 } as const;

/** A one-dimensional array without nulls in PostgreSQL's binary format; pg sends a Buffer as a binary parameter. */
const header = (oid: number, length: number, bytes: number): Buffer => {
  const array = Buffer.allocUnsafe(length === 0 ? 12 : HEADER + bytes);
  array.writeInt32BE(length === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  if (length === 0) return array;
  array.writeInt32BE(length, 12);
  array.writeInt32BE(1, 16);
  return array;
};

/** So much more than ASCII takes that even a write cut short of it shows, by its length, that there is more than ASCII. */
const SLACK = 4;

/** Strings in one pass: into room for ASCII as a rule, for memory beside the heap is what collections are run for; else anew. */
const strings = (oid: number, values: readonly string[], bytesEach: 1 | 3 = 1): Buffer => {
  let room = SLACK;
  for (const value of values) room += 4 + bytesEach * value.length;
  const array = header(oid, values.length, room);
  let at = HEADER;
  for (const value of values) {
    const bytes = array.write(value, at + 4);
    if (bytesEach === 1 && bytes !== value.length) return strings(oid, values, 3);
    array.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return array.subarray(0, values.length === 0 ? 12 : at);
};

/** text[] */
export const textArray = (values: readonly string[]): Buffer => strings(oids.text, values);

/** json[]: the texts as they are; the database checks them. */
export const jsonArray = (values: readonly string[]): Buffer => strings(oids.json, values);

/** integer[] */
export const intArray = (values: readonly number[]): Buffer => {
  const array = header(oids.int4, values.length, values.length * 8);
  let at = HEADER;
  for (const value of values) {
    array.writeInt32BE(4, at);
    array.writeInt32BE(value, at + 4);
    at += 8;
  }
  return array;
};

/** bytea[] */
export const byteaArray = (values: readonly Uint8Array[]): Buffer => {
  let bytes = 0;
  for (const value of values) bytes += 4 + value.length;
  const array = header(oids.bytea, values.length, bytes);
  let at = HEADER;
  for (const value of values) {
    array.writeInt32BE(value.length, at);
    array.set(value, at + 4);
    at += 4 + value.length;
  }
  return array;
};

/** What the digits of a UUID stand for, by their character code. */
const digits: number[] = [];
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  digits[digit.charCodeAt(0)] = digits[digit.toUpperCase().charCodeAt(0)] = value;
}

const writeUuid = (array: Buffer, value: string, at: number): void => {
  let next = 0;
  for (let byte = 0; byte < 16; byte += 1) {
    if (value[next] === '-') next += 1;
    const bits = (digits[value.charCodeAt(next)] ?? NaN) * 16 + (digits[value.charCodeAt(next + 1)] ?? NaN);
    if (Number.isNaN(bits)) throw new TypeError(`'${value}' is not a UUID.`);
    array[at + byte] = bits;
    next += 2;
  }
  if (next !== value.length) throw new TypeError(`'${value}' is not a UUID.`);
};

/** uuid[], of texts with dashes or without. */
export const uuidArray = (values: readonly string[]): Buffer => {
  const array = header(oids.uuid, values.length, values.length * 20);
  let at = HEADER;
  for (const value of values) {
    array.writeInt32BE(16, at);
    writeUuid(array, value, at + 4);
    at += 20;
  }
  return array;
};

/** timestamptz[], of canonical moments (`Timestamp`). */
export const timeArray = (values: readonly string[]): Buffer => {
  const array = header(oids.timestamptz, values.length, values.length * 12);
  let at = HEADER;
  let [last, encoded] = ['', 0n];
  for (const value of values) {
    if (value !== last) [last, encoded] = [value, microsecondsOf(value)];
    array.writeInt32BE(8, at);
    array.writeBigInt64BE(encoded, at + 4);
    at += 12;
  }
  return array;
};
