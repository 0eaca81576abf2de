import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Digest } from '#projections';

/** Of a hash in hexadecimal: numbers below 2^48. */
const DIGITS = 12;

/** Lists name the same few people and places again and again. */
const numbers = new LRUCache<string, number>({
  max: 1_000,
  memoMethod: (name) => parseInt(hash('sha256', name, 'hex').slice(0, DIGITS), 16),
});

/** For dialects whose ids are integers: a number for what has none here, below 2^48 and the same for ever. */
export const stableNumber = (name: string): number => numbers.memo(name);

/** What such a number tells of the name that it was made from. */
export const digestOf = (number: number): Digest => ({
  before: '',
  from: 0,
  digits: number.toString(16).padStart(DIGITS, '0'),
});

/** The same for clients that take 32 bits: from 1 to 2^31 - 1. Among a thousand names two share one once in four thousand times. */
export const stableInteger = (name: string): number => 1 + (stableNumber(name) % (2 ** 31 - 1));
