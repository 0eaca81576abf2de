import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: programs of Node alone, as tools are
import { changedBy } from './mutants/changed-by.mjs';
// @ts-expect-error: as above
import { mutants } from './mutants/mutants.mjs';
// @ts-expect-error: as above
import { simulate } from './simulation/workers.mjs';

type Mutant = Readonly<{ name: string; invariant: string; seed?: number }>;
type Failed = Readonly<{ seed: number; violations: ReadonlyArray<{ invariant: string; what: string }> }>;

/** Most are caught by the first ten; where it takes many, `seed` is one not far before the first. */
const SEEDS = 300;
const LONGEST = 200;

describe('the simulation tells', () => {
  for (const { name, invariant, seed = 1 } of mutants as Mutant[]) {
    it(`${name}, by ${invariant}`, async () => {
      const { failed } = await simulate({
        ...{ from: seed, count: SEEDS, changed: changedBy(name), stopAt: invariant },
        // Another would take longer to start than the seeds take.
        workers: 1,
      });
      const told = (failed as Failed[]).flatMap(({ seed: at, violations }) =>
        violations.map((each) => ({ at, ...each })),
      );
      expect(told).toContainEqual({ at: expect.any(Number), invariant, what: expect.any(String) });
      const { at, what } = told.find((each) => each.invariant === invariant)!;
      // Behind the back of Jest, which keeps what is logged until the end.
      process.stdout.write(`${name}: ${invariant}, seed ${at}: ${what.slice(0, LONGEST)}\n`);
    }, 300_000);
  }
});
