import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';
import { jestEnvironment, jestWith } from './jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The rig brings servers of its own: those of the other tests are not started for it, but for the mutants that need no faults. */
const environment = ({ minutes, seed, only, mutants, mutant }) => ({
  ...(mutants || mutant ? { FAULTS_MUTANTS: '1' } : { TEST_DATABASE_URL: process.env.TEST_DATABASE_URL ?? 'none' }),
  FAULTS_MINUTES: minutes,
  FAULTS_SEED: seed,
  ...(only ? { FAULTS_ONLY: only } : {}),
});

/** Those of the simulation are in every test run. */
const specsOf = ({ mutants, mutant }) => {
  if (mutant !== undefined) return ['mutants', 'rig-mutants', 'probe-mutants'];
  return mutants ? ['rig-mutants', 'probe-mutants'] : ['rig'];
};

const number = (text) => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0;

const main = () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1e6)) },
      only: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  });
  if (!number(values.minutes) || !number(values.seed)) throw new Error('--minutes and --seed are numbers above 0.');
  installIfChanged();
  buildIfChanged();
  const paths = specsOf(values).map((name) => `test/fault/${name}.fault.spec.ts`);
  const one = values.mutant === undefined ? [] : ['--testNamePattern', values.mutant.replaceAll(/\W/g, '\\$&')];
  const { status } = spawnSync(
    process.execPath,
    jestWith('--selectProjects', 'fault', '--runInBand', ...one, ...paths),
    {
      cwd: root,
      env: jestEnvironment(environment(values)),
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
};

try {
  main();
} catch (error) {
  console.error(
    `${error.message}\nnpm run faults -- [--minutes 10] [--seed N] [--only KIND,KIND] [--mutants | --mutant NAME]`,
  );
  process.exitCode = 2;
}
