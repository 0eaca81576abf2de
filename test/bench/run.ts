import { readFile, writeFile } from 'node:fs/promises';

import pg from 'pg';

import { commandsVsEmmett, commandsVsMessageDb, hotTarget, oneCaller } from './commands/benches.js';
import { replicas } from './commands/replicas.js';
import { naiveTailer } from './commands/tailer.js';
import { commandsVsRawInsert } from './commands/raw-insert-bench.js';
import { resultOf, tableOf, verdictOf, type Result } from './frame/report.js';
import type { Bench, KafkaBench, Row, Settings } from './frame/row.js';
import { machine } from './frame/usage.js';
import { kafkaCommands } from './kafka/commands.js';
import { latency } from './kafka/latency.js';
import { relayAlone } from './kafka/relay.js';
import { benchAt } from './reads/at.js';
import { benchExport } from './reads/export.js';
import { benchRebuild } from './reads/rebuild.js';
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
  'rest-finish': restFinish,
  'rest-current': restCurrent,
  'rest-list': restList,
  at: benchAt,
  export: benchExport,
  rebuild: benchRebuild,
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

type Measured = Readonly<{ rows: readonly Row[]; leftOut: readonly string[] }>;

async function measure({ selected, short }: Asked, databaseUrl: string, broker: string | undefined): Promise<Measured> {
  const rows: Row[] = [];
  const settings: Settings = { databaseUrl, short };
  const leftOut: string[] = [];
  for (const name of names.filter((each) => selected.includes(each))) {
    process.stderr.write(`${name} …\n`);
    const bench = benches[name];
    if (bench) rows.push(...(await bench(settings)));
    else if (broker) rows.push(...(await kafkaBenches[name]!({ ...settings, broker })));
    else leftOut.push(name);
  }
  return { rows, leftOut };
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
  if (!DATABASE_URL) throw new Error('DATABASE_URL is not set.');
  const asked = ask(process.argv.slice(2));
  const { rows, leftOut } = await measure(asked, DATABASE_URL, KAFKA_BROKERS);
  const server = await serverVersion(DATABASE_URL);
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  say(`PostgreSQL ${server}, ${machine()}, which all processes share.\n`);
  say(tableOf(rows));
  if (leftOut.length > 0) say(`Left out, for there is no Kafka: ${leftOut.join(', ')}.`);
  if (asked.short) return void say('A short run: it shows that the benchmark works, its figures say nothing.');
  await keep(rows);
  const missed = [...rows.filter((row) => verdictOf(row) === 'missed').map(({ name }) => name), ...leftOut];
  if (!asked.check || missed.length === 0) return;
  say(`Missed: ${missed.join(', ')}.`);
  process.exitCode = 1;
}

await run().catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 2;
});
