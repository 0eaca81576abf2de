import { expect, it } from '@jest/globals';
import { probes, type ProbeName } from './probes/index.js';
import { probe } from './probes/run.js';
import { BUILT } from './rig/mutants.js';

it.each(Object.keys(probes) as ProbeName[])(
  'the probe %s finds nothing in the service as it is built',
  async (name) => {
    expect(await probe({ name, dist: BUILT })).toEqual([]);
  },
  300_000,
);
