import { expect, it } from '@jest/globals';
import { mutants as probed } from './probes/mutants.js';
import { probes, type ProbeName } from './probes/index.js';
import { probe } from './probes/run.js';
import { BUILT, changed, mutants as broken } from './rig/mutants.js';

/**
 * Of the service as it is built other suites ask each time what these ask where a mutant runs: isolation and every-route of
 * apps/server/src/http/auth, all of apps/server/src/audit and test/e2e/audit.
 */
const elsewhere: readonly string[] = ['isolation', 'audit'];
const asked = (name: string): boolean => !elsewhere.includes(name) || process.env['FAULTS_MUTANTS'] !== undefined;

it.each((Object.keys(probes) as ProbeName[]).filter(asked))(
  'the probe %s finds nothing in the service as it is built',
  async (name) => {
    expect(await probe({ name, dist: BUILT })).toEqual([]);
  },
  300_000,
);

it('the mutants are edits of the service as it is built', () => {
  for (const { edits } of [...probed, ...broken])
    for (const edit of edits) expect(changed(BUILT, edit)).toContain(edit.to);
});
