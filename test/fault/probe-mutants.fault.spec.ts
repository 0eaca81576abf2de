import { expect, it } from '@jest/globals';
import { mutants } from './probes/mutants.js';
import { probe } from './probes/run.js';
import { distWith, tellCaught } from './rig/mutants.js';

it.each(mutants)(
  'the probes find $name, as $invariant',
  async (mutant) => {
    const since = performance.now();
    const violations = await probe({
      name: mutant.probe,
      dist: distWith(mutant),
      isOfSql: mutant.edits.some(({ file }) => file.endsWith('.sql')),
    });
    expect(violations).toContainEqual({ invariant: mutant.invariant, what: expect.any(String) });
    tellCaught(mutant, violations, since);
  },
  300_000,
);
