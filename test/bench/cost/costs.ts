import { textOf, type Cost, type CostSettings } from './figures.js';
import { growth } from './growth.js';
import { live } from './live.js';
import { refs } from './refs.js';
import { rows } from './rows.js';

/** What `npm run bench -- cost PART …` may select; without a part all of them run. */
export const costs: Readonly<Record<string, Cost>> = { rows, refs, live, growth };

/** Prints what each of these parts costs, as soon as it is measured. */
export async function runCosts(
  args: readonly string[],
  servers: Pick<CostSettings, 'databaseUrl' | 'broker'>,
): Promise<void> {
  const settings = { ...servers, short: args.includes('--short') };
  const parts = args.filter((arg) => arg !== '--short');
  const unknown = parts.find((part) => !(part in costs));
  if (unknown !== undefined)
    throw new Error(`There is no '${unknown}'. What can be costed: ${Object.keys(costs).join(', ')}.`);
  for (const [name, cost] of Object.entries(costs)) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    for (const figures of await cost(settings)) process.stdout.write(`${textOf(figures)}\n`);
  }
}
