import { randomFillSync } from 'node:crypto';

const RANDOM_PER_ID = 8;
const LAST_COUNT = 0xfff;
const pool = Buffer.alloc(8192);
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const counts = Array.from({ length: LAST_COUNT + 1 }, (_, each) => each.toString(16).padStart(3, '0'));

let drawn = pool.length;
let millis = 0;
let time = '';
let count = 0;

/** A UUIDv7 (RFC 9562), greater than every one that this process made before, also when its clock goes back. */
export function newId(): string {
  moveOn(Date.now());
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const at = drawn;
  drawn += RANDOM_PER_ID;
  const variant = hex[(pool[at]! & 0x3f) | 0x80]! + hex[pool[at + 1]!]!;
  let node = '';
  for (let i = at + 2; i < drawn; i += 1) node += hex[pool[i]!]!;
  return `${time}-7${counts[count]!}-${variant}-${node}`;
}

/** Twelve bits count the ids of one millisecond; where they do not suffice, the next millisecond is begun early. */
function moveOn(now: number): void {
  if (now <= millis && count < LAST_COUNT) {
    count += 1;
    return;
  }
  millis = Math.max(now, millis + 1);
  count = 0;
  const digits = millis.toString(16).padStart(12, '0');
  time = `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
