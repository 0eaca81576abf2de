import type { Random } from '../support/random.js';
import { hostileBodies, hostileTexts, hostileValues } from './corpus.js';

export const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
export const chance = (random: Random, of: number): boolean => random() < of;

type Place = Readonly<{ holder: Record<string, unknown>; key: string }>;

/** Every place in a value of JSON that another value can take. */
const placesIn = (value: unknown): Place[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.keys(value).flatMap((key) => {
        const holder = value as Record<string, unknown>;
        return [{ holder, key }, ...placesIn(holder[key])];
      });

const changes: readonly ((place: Place, random: Random) => void)[] = [
  ({ holder, key }, random) => void (holder[key] = structuredClone(pick(random, hostileValues))),
  ({ holder, key }, random) => void (holder[key] = pick(random, hostileTexts)),
  ({ holder, key }) => void delete holder[key],
  ({ holder, key }) => void (holder[key] = [holder[key]]),
  ({ holder, key }) => void (holder[key] = { value: holder[key] }),
  ({ holder, key }) => void (holder[key] = `${JSON.stringify(holder[key])}`),
  ({ holder }, random) => {
    // A number as the key of an array would make it as long as that.
    const key = Array.isArray(holder) ? String(holder.length) : pick(random, hostileTexts);
    holder[key] = structuredClone(pick(random, hostileValues));
  },
  ({ holder, key }, random) => void (holder[pick(random, ['id', 'actor', 'version', 'status'])] = holder[key]),
];

/** A body that was right until up to three of its places were changed. */
export const mutated = (valid: unknown, random: Random): unknown => {
  const value: unknown = structuredClone(valid);
  for (let times = Math.floor(random() * 4); times > 0; times -= 1) {
    const places = placesIn(value);
    if (places.length > 0) pick(random, changes)(pick(random, places), random);
  }
  return value;
};

const damages: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
    return copy;
  },
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + Math.floor(random() * 8))]);
  },
  (bytes) => Buffer.concat([bytes, bytes]),
  (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
];

/** The bytes of a body made from a valid one: changed as JSON, then perhaps damaged, or no such body at all. */
export const bodyFrom = (valid: unknown, random: Random): Buffer => {
  if (chance(random, 0.1)) return pick(random, hostileBodies);
  const bytes = Buffer.from(JSON.stringify(mutated(valid, random)) ?? '');
  return chance(random, 0.1) ? pick(random, damages)(bytes, random) : bytes;
};
