import { randomFrom, type Random } from '../../support/random.js';

export const REPLICAS = 3;

/** How often each kind of fault comes, beside the others, and how many seconds it lasts. */
const KINDS = {
  kill: { weight: 8, seconds: [0] },
  'kill-all': { weight: 1, seconds: [0] },
  stop: { weight: 3, seconds: [0.5, 3, 7, 12] },
  rolling: { weight: 1, seconds: [0] },
  rebalance: { weight: 2, seconds: [1, 4] },
  'postgres-crash': { weight: 2, seconds: [0, 1, 3] },
  'postgres-backend': { weight: 1, seconds: [0] },
  'postgres-terminate': { weight: 1, seconds: [3] },
  'postgres-cut': { weight: 2, seconds: [0.5] },
  'postgres-hang': { weight: 2, seconds: [1, 4, 9] },
  'postgres-deaf': { weight: 3, seconds: [0.3, 1, 2] },
  'broker-kill': { weight: 2, seconds: [0, 3] },
  'broker-cut': { weight: 2, seconds: [0.5] },
  'broker-hang': { weight: 1, seconds: [2, 6] },
  'broker-deaf': { weight: 2, seconds: [0.5, 2] },
  'disk-full': { weight: 1, seconds: [2, 4] },
  'slow-readers': { weight: 1, seconds: [4] },
  'long-transaction': { weight: 1, seconds: [5] },
} as const satisfies Readonly<Record<string, { weight: number; seconds: readonly number[] }>>;

export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as Kind[];

/** `replica` is the one that is concerned, where it is one; the fault begins `afterMs` after its round. */
export type Fault = Readonly<{ kind: Kind; replica: number; seconds: number; afterMs: number }>;

/** Faults that overlap, and how long all is well before them. */
export type Round = Readonly<{ calmMs: number; faults: readonly Fault[] }>;

/** How often a round has two faults instead of one. */
const TWO = 0.3;

/**
 * The schedule of a seed: the same rounds for everybody who asks with the same one. Each round ends with all healed, and the next
 * begins when all replicas are ready, so how many there are in a time depends on the machine.
 */
export function* planOf(seed: number, allowed: readonly Kind[] = kinds): Generator<Round, never> {
  const random = randomFrom(seed);
  for (;;) {
    const calmMs = 300 + Math.floor(random() * 1_200);
    const first = draw(random, allowed);
    const others = allowed.filter((kind) => goTogether(kind, first.kind));
    const second = random() < TWO && others.length > 0 ? [draw(random, others)] : [];
    yield { calmMs, faults: [first, ...second] };
  }
}

/** Two faults of one part would be in each other's way. Of replicas that are replaced nothing may be lost, so all else has to be well. */
const goTogether = (one: Kind, other: Kind): boolean =>
  partOf(one) !== partOf(other) && one !== 'rolling' && other !== 'rolling';

const partOf = (kind: Kind): string => {
  const [part = kind] = kind.split('-');
  if (['kill', 'stop', 'rolling'].includes(part)) return 'replicas';
  return ['disk-full', 'long-transaction'].includes(kind) ? 'postgres' : part;
};

/** Whether PostgreSQL, or the way to it, is what the fault takes away. */
export const strikesPostgres = (kind: Kind): boolean => partOf(kind) === 'postgres' && kind !== 'long-transaction';

function draw(random: Random, from: readonly Kind[]): Fault {
  let left = random() * from.reduce((sum, kind) => sum + KINDS[kind].weight, 0);
  const kind = from.find((each) => (left -= KINDS[each].weight) < 0) ?? from[0]!;
  const { seconds } = KINDS[kind];
  return {
    kind,
    replica: Math.floor(random() * REPLICAS),
    seconds: seconds[Math.floor(random() * seconds.length)]!,
    afterMs: Math.floor(random() * 800),
  };
}
