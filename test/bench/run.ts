import { benchAt } from './at.js';
import { benchCommands } from './commands.js';
import { benchExport } from './export.js';

/** What `npm run bench -- NAME` may select; without a name all of them run, on the server at DATABASE_URL. */
const benches: Readonly<Record<string, (databaseUrl: string) => Promise<void>>> = {
  commands: benchCommands,
  at: benchAt,
  export: benchExport,
};

const selected = process.argv.slice(2);
const unknown = selected.find((name) => !(name in benches));
const { DATABASE_URL } = process.env;
if (unknown !== undefined || DATABASE_URL === undefined) {
  const problem = unknown === undefined ? 'DATABASE_URL is not set.' : `There is no benchmark '${unknown}'.`;
  process.stderr.write(`${problem} Benchmarks: ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (selected.length === 0 || selected.includes(name)) await bench(DATABASE_URL);
}
