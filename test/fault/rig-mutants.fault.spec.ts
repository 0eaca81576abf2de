import { expect, it } from '@jest/globals';
import { distWith, mutants, tellCaught } from './rig/mutants.js';
import { run } from './rig/run.js';

const MINUTES = 0.15;
/** It looks for what is wrong, not for what is slow. */
const PATIENCE = 6;

it.each(mutants)(
  'the rig finds $name, as $invariant',
  async (mutant) => {
    const since = performance.now();
    const { violations } = await run({
      minutes: MINUTES,
      seed: 1,
      only: mutant.only,
      dist: distWith(mutant),
      patience: PATIENCE,
      tell: () => undefined,
    });
    expect(violations).toContainEqual({ invariant: mutant.invariant, what: expect.any(String) });
    tellCaught(mutant, violations, since);
  },
  600_000,
);
