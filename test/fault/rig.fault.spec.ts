import { beforeAll, describe, expect, it } from '@jest/globals';
import { kinds, planOf, type Kind } from './rig/plan.js';
import { textOf, type Result } from './rig/report.js';
import { run } from './rig/run.js';

/** `npm run faults` says for how long, with which seed, and which kinds of faults; the seed here soon comes to most of them. */
const { FAULTS_MINUTES = '2', FAULTS_SEED = '17974', FAULTS_ONLY } = process.env;
const minutes = Number(FAULTS_MINUTES);
const isAsked = process.env['FAULTS_MINUTES'] !== undefined;
/** Beside other specs it looks for what is wrong, not for what is slow. */
const patience = isAsked ? 1 : 6;
const only = FAULTS_ONLY?.split(',') as Kind[] | undefined;

const rounds = (seed: number) => {
  const plan = planOf(seed, kinds);
  return Array.from({ length: 50 }, () => plan.next().value);
};

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(rounds(7)).toEqual(rounds(7));
    expect(rounds(7)).not.toEqual(rounds(8));
  });

  it('has every kind', () => {
    const had = new Set([1, 2, 3].flatMap(rounds).flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect([...had].sort()).toEqual([...kinds].sort());
  });

  it('never needs PostgreSQL for one fault while another has it away', () => {
    const away = (kind: Kind): boolean => kind.startsWith('postgres-') || kind === 'disk-full';
    const together = Array.from({ length: 40 }, (_, seed) => rounds(seed)).flat();
    const kindsOf = together.map(({ faults }) => faults.map(({ kind }) => kind));
    expect(kindsOf.filter((each) => each.includes('long-transaction') && each.some(away))).toEqual([]);
  });
});

describe('three replicas, PostgreSQL and Kafka under a schedule of faults', () => {
  let result: Result;
  beforeAll(
    async () => {
      // Behind the back of Jest, which keeps what is logged until the end.
      const tell = isAsked ? (line: string) => void process.stdout.write(`${line}\n`) : () => undefined;
      result = await run({ minutes, seed: Number(FAULTS_SEED), only, patience, tell });
      process.stdout.write(`${textOf(result)}\n`);
    },
    (minutes + 8 * patience) * 60_000,
  );

  it('lose nothing, double nothing, and are ready again', () => {
    expect(result.violations).toEqual([]);
  });

  it('had something to suffer, and something to lose', () => {
    expect(result.suffered.length).toBeGreaterThan(1);
    expect(result.events).toBeGreaterThan(300);
    expect(Object.entries(result.judged).filter(([, count]) => count === 0)).toEqual([]);
  });
});
