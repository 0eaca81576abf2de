import { readFile, writeFile } from 'node:fs/promises';

import pg from 'pg';

import { commandsVsEmmett, commandsVsMessageDb, hotTarget, oneCaller } from './commands/benches.js';
import { commandsVsRawInsert } from './commands/raw-insert-bench.js';
import { resultOf, tableOf, verdictOf, type Result } from './frame/report.js';
import type { Bench, Row, Settings } from './frame/row.js';
import { machine } from './frame/usage.js';
import { benchAt } from './reads/at.js';
import { benchExport } from './reads/export.js';
import { restCurrent, restFinish, restList } from './rest/benches.js';

/** What `npm run bench -- NAME` may select; without a name all of them run. */
const benches: Readonly<Record<string, Bench>> = {
  commands: commandsVsEmmett,
  'message-db': commandsVsMessageDb,
  'raw-insert': commandsVsRawInsert,
  'one-caller': oneCaller,
  'hot-target': hotTarget,
  'rest-finish': restFinish,
  'rest-current': restCurrent,
  'rest-list': restList,
  at: benchAt,
  export: benchExport,
};

/** The dist directory mirrors the sources. */
const kept = new URL('../../../test/bench/results.json', import.meta.url);

type Asked = Readonly<{ names: readonly string[]; check: boolean; short: boolean }>;

function ask(args: readonly string[]): Asked {
  const flags = args.filter((each) => each.startsWith('--'));
  const names = args.filter((each) => !each.startsWith('--'));
  const unknown = [
    ...flags.filter((flag) => flag !== '--check' && flag !== '--short'),
    ...names.filter((name) => !(name in benches)),
  ];
  if (unknown.length > 0) {
    throw new Error(
      `There is no '${unknown[0]}'. Benchmarks: ${Object.keys(benches).join(', ')}; flags: --check, --short.`,
    );
  }
  return { names, check: flags.includes('--check'), short: flags.includes('--short') };
}

async function measure({ names }: Asked, settings: Settings): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    rows.push(...(await bench(settings)));
  }
  return rows;
}

/** What was measured now takes the place of what was measured before; other rows stay. */
async function keep(rows: readonly Row[]): Promise<void> {
  const before = JSON.parse(await readFile(kept, 'utf8').catch(() => '{}')) as Record<string, Result>;
  const now = Object.fromEntries(rows.map((row) => [row.name, resultOf(row)]));
  const all = Object.entries({ ...before, ...now }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  await writeFile(kept, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}

async function serverVersion(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]!.server_version;
}

async function run(): Promise<void> {
  const { DATABASE_URL, KAFKA_BROKERS } = process.env;
  if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set.');
  const asked = ask(process.argv.slice(2));
  const settings = { databaseUrl: DATABASE_URL, broker: KAFKA_BROKERS || undefined, short: asked.short };
  const rows = await measure(asked, settings);
  const server = await serverVersion(DATABASE_URL);
  process.stdout.write(`PostgreSQL ${server}, ${machine()}, which all processes share.\n\n${tableOf(rows)}`);
  if (asked.short) process.stdout.write('\nA short run: it shows that the benchmark works, its figures say nothing.\n');
  else await keep(rows);
  const missed = rows.filter((row) => verdictOf(row) === 'missed');
  if (asked.check && !asked.short && missed.length > 0) {
    process.stdout.write(`\nMissed: ${missed.map(({ name }) => name).join(', ')}\n`);
    process.exitCode = 1;
  }
}

await run().catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 2;
});
