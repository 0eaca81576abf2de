import { readFile, writeFile } from 'node:fs/promises';

import pg from 'pg';

import { commandsVsEmmett, commandsVsMessageDb, hotTarget, oneCaller } from './commands/benches.js';
import { growth } from './commands/growth.js';
import { replicas } from './commands/replicas.js';
import { slowDisk } from './commands/slow-disk.js';
import { naiveTailer } from './commands/tailer.js';
import { commandsVsRawInsert } from './commands/raw-insert-bench.js';
import { runCosts } from './cost/costs.js';
import { bounds } from './frame/bounds.js';
import { lineOf, resultOf, tableOf, verdictOf, type Result } from './frame/report.js';
import type { Bench, KafkaBench, Row, Settings } from './frame/row.js';
import { machine } from './frame/usage.js';
import { kafkaCommands } from './kafka/commands.js';
import { latency } from './kafka/latency.js';
import { relayAlone } from './kafka/relay.js';
import { benchAt } from './reads/at.js';
import { benchExport } from './reads/export.js';
import { keepUp } from './reads/keep-up.js';
import { benchRebuild } from './reads/rebuild.js';
import { benchVerify } from './reads/verify.js';
import { dialects } from './rest/dialects.js';
import { restCurrent, restFinish, restList } from './rest/benches.js';

/** What `npm run bench -- NAME` may select; without a name all of them run. */
const benches: Readonly<Record<string, Bench>> = {
  commands: commandsVsEmmett,
  'message-db': commandsVsMessageDb,
  'raw-insert': commandsVsRawInsert,
  'one-caller': oneCaller,
  'hot-target': hotTarget,
  replicas,
  tailer: naiveTailer,
  growth,
  'slow-disk': slowDisk,
  'rest-finish': restFinish,
  'rest-current': restCurrent,
  'rest-list': restList,
  dialects,
  at: benchAt,
  export: benchExport,
  rebuild: benchRebuild,
  'keep-up': keepUp,
  verify: benchVerify,
};

/** Those that need a broker as well. */
const kafkaBenches: Readonly<Record<string, KafkaBench>> = {
  relay: relayAlone,
  'kafka-commands': kafkaCommands,
  latency,
};

const names = [...Object.keys(benches), ...Object.keys(kafkaBenches)];

/** The dist directory mirrors the sources. */
const kept = new URL('../../../test/bench/results.json', import.meta.url);

type Asked = Readonly<{ selected: readonly string[]; check: boolean; short: boolean }>;

function ask(args: readonly string[]): Asked {
  const flags = ['--check', '--short'];
  const unknown = args.find((each) => !flags.includes(each) && !names.includes(each));
  if (unknown !== undefined)
    throw new Error(`There is no '${unknown}'. Benchmarks: ${names.join(', ')}; flags: ${flags.join(', ')}.`);
  const selected = args.filter((each) => names.includes(each));
  return {
    selected: selected.length > 0 ? selected : names,
    check: args.includes('--check'),
    short: args.includes('--short'),
  };
}

type Measured = Readonly<{ rows: readonly Row[]; failed: readonly string[] }>;

/** One benchmark that cannot run, or a run that is broken off, does not take the others' figures with it. */
async function measure({ selected, short }: Asked, databaseUrl: string, broker: string | undefined): Promise<Measured> {
  const rows: Row[] = [];
  const failed: string[] = [];
  const settings: Settings = { databaseUrl, short };
  for (const name of names.filter((each) => selected.includes(each))) {
    process.stderr.write(`${name} …\n`);
    try {
      const measured = await runBench(name, settings, broker);
      for (const row of measured) process.stderr.write(`${lineOf(row)}\n`);
      rows.push(...measured);
      if (!short) await keep(measured);
    } catch (error) {
      process.stderr.write(`${name} failed: ${(error as Error).stack}\n`);
      failed.push(name);
    }
  }
  return { rows, failed };
}

function runBench(name: string, settings: Settings, broker: string | undefined): Promise<Row[]> {
  const bench = benches[name];
  if (bench) return bench(settings);
  if (!broker) throw new Error('There is no Kafka.');
  return kafkaBenches[name]!({ ...settings, broker });
}

/** What was measured now takes the place of what was measured before; other rows stay, unless there are no such rows any more. */
async function keep(rows: readonly Row[]): Promise<void> {
  const before = JSON.parse(await readFile(kept, 'utf8').catch(() => '{}')) as Record<string, Result>;
  const now = Object.fromEntries(rows.map((row) => [row.name, resultOf(row)]));
  const all = Object.entries({ ...before, ...now })
    .filter(([name]) => name in bounds)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  await writeFile(kept, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}

async function serverVersion(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  return rows[0]!.server_version;
}

const aimsOf = (rows: readonly Row[]): number => rows.filter((row) => verdictOf(row) === 'aim').length;

/** Exits with 1 when a benchmark could not run, or when what was to be checked does not hold. */
async function run(): Promise<void> {
  const { DATABASE_URL, KAFKA_BROKERS } = process.env;
  if (!DATABASE_URL) throw new Error('DATABASE_URL is not set.');
  const [first, ...rest] = process.argv.slice(2);
  // Of its own, and asked for by name alone: it takes long, and what it tells are figures and no bounds.
  if (first === 'cost') return runCosts(rest, { databaseUrl: DATABASE_URL, broker: KAFKA_BROKERS });
  const asked = ask(process.argv.slice(2));
  const { rows, failed } = await measure(asked, DATABASE_URL, KAFKA_BROKERS);
  const server = await serverVersion(DATABASE_URL);
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  say(`PostgreSQL ${server}, ${machine()}, which all processes share.\n`);
  say(tableOf(rows));
  if (asked.short) say('A short run: it shows that the benchmark works, its figures say nothing.');
  const missed = rows.filter((row) => verdictOf(row) === 'missed').map(({ name }) => name);
  const checked = asked.check && !asked.short ? missed : [];
  if (asked.check) say(`${rows.length} rows, ${missed.length} missed, ${aimsOf(rows)} aims reached.`);
  if (checked.length > 0) say(`Missed: ${checked.join(', ')}.`);
  if (failed.length > 0) say(`Could not run: ${failed.join(', ')}.`);
  if (checked.length + failed.length > 0) process.exitCode = 1;
}

await run().catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 2;
});
