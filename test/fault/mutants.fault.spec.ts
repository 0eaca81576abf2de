import { describe, expect, it } from '@jest/globals';
// @ts-expect-error: programs of Node alone, as tools are
import { changedBy } from './mutants/changed-by.mjs';
// @ts-expect-error: as above
import { mutants } from './mutants/mutants.mjs';
// @ts-expect-error: as above
import { simulate } from './simulation/workers.mjs';

type Mutant = Readonly<{ name: string; invariant: string; seed?: number }>;
type Failed = Readonly<{ violations: ReadonlyArray<{ invariant: string }> }>;

/** Most are caught by the first ten; where it takes many, `seed` is one not far before the first. */
const SEEDS = 300;

describe('the simulation tells', () => {
  for (const { name, invariant, seed = 1 } of mutants as Mutant[]) {
    it(`${name}, by ${invariant}`, async () => {
      const { failed } = await simulate({ from: seed, count: SEEDS, changed: changedBy(name), stopAt: invariant });
      const told = (failed as Failed[]).flatMap(({ violations }) => violations.map((each) => each.invariant));
      expect(told).toContain(invariant);
    }, 300_000);
  }
});
