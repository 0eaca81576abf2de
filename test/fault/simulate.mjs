import { parseArgs } from 'node:util';
import { changedBy } from './mutants/changed-by.mjs';
import { historyOf, simulate } from './simulation/workers.mjs';
import { installIfChanged } from '../../tools/install.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

installIfChanged();
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
  },
});
const changed = values.mutant === undefined ? undefined : changedBy(values.mutant);
const { failed, sums } = await simulate({ from: Number(values.seed), count: Number(values.seeds), changed });
for (const run of failed.slice(0, 3)) say(`${historyOf(run)}\n`);
say(JSON.stringify(sums, undefined, 2));
say(
  failed.length === 0
    ? 'Every invariant holds.'
    : `${failed.length} seeds failed: ${failed.map(({ seed }) => seed).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
