import { randomFillSync } from 'node:crypto';

const RANDOM_PER_ID = 8;
const LAST_COUNT = 0xfff;
const pool = Buffer.alloc(8192);
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

let drawn = pool.length;
let millis = 0;
let count = 0;

/** A UUIDv7 (RFC 9562), greater than every one that this process made before, also when its clock goes back. */
export function newId(): string {
  moveOn(Date.now());
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const time = millis.toString(16).padStart(12, '0');
  const variant = hex[(pool[drawn]! & 0x3f) | 0x80]!;
  let random = '';
  for (let i = drawn + 1; i < drawn + RANDOM_PER_ID; i += 1) random += hex[pool[i]!]!;
  drawn += RANDOM_PER_ID;
  return (
    time.slice(0, 8) +
    '-' +
    time.slice(8) +
    '-7' +
    count.toString(16).padStart(3, '0') +
    '-' +
    variant +
    random.slice(0, 2) +
    '-' +
    random.slice(2)
  );
}

/** Twelve bits count the ids of one millisecond; where they do not suffice, the next millisecond is begun early. */
function moveOn(now: number): void {
  if (now > millis) {
    millis = now;
    count = 0;
  } else if (count < LAST_COUNT) {
    count += 1;
  } else {
    millis += 1;
    count = 0;
  }
}
