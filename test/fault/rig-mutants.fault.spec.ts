import { expect, it } from '@jest/globals';
import { distWith, mutants } from './rig/mutants.js';
import { run } from './rig/run.js';

const MINUTES = 0.15;

it.each(mutants)(
  'the rig finds $name, as $invariant',
  async (mutant) => {
    const { violations } = await run({
      minutes: MINUTES,
      seed: 1,
      only: mutant.only,
      dist: distWith(mutant),
      tell: () => undefined,
    });
    expect(violations.map(({ invariant }) => invariant)).toContain(mutant.invariant);
  },
  600_000,
);
