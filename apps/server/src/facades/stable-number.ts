import { hash } from 'node:crypto';

/** For dialects whose ids are integers: a number for what has none here, below 2^48 and the same for ever. */
export const stableNumber = (name: string): number => parseInt(hash('sha256', name, 'hex').slice(0, 12), 16);
