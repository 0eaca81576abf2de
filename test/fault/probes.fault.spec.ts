import { expect, it } from '@jest/globals';
import { mutants as probed } from './probes/mutants.js';
import { probes, type ProbeName } from './probes/index.js';
import { probe } from './probes/run.js';
import { BUILT, changed, mutants as broken } from './rig/mutants.js';

/** Of the service as it is built, isolation.int.spec.ts and every-route.int.spec.ts ask each time what this one asks where a mutant runs. */
const asked = (name: string): boolean => name !== 'isolation' || process.env['FAULTS_MUTANTS'] !== undefined;

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
