import { cpus } from 'node:os';

import pg from 'pg';

import { Rival, type Measured } from './contender.js';
import { TARGETS } from './workload.js';

const ROUNDS = 5;
/** As much as a round of about two seconds takes. */
const PER_ROUND = { waist: 60_000, emmett: 4_000 };
const IN_FLIGHT = { waist: [1_000, 2_000, 4_000], emmett: [8, 16, 32, 64] };

type Name = keyof typeof PER_ROUND;
const names: readonly Name[] = ['waist', 'emmett'];

/** Commands a second through the waist and through Emmett's command handler, on one server, round by round in turn. */
export async function benchCommands(databaseUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  const rivals = await Promise.all(
    names.map(async (name) => [name, await newRival(admin, databaseUrl, name)] as const),
  );
  const inFlight = new Map<Name, number>();
  for (const [name, rival] of rivals) {
    await rival.prepare();
    inFlight.set(name, await bestOf(rival, name));
  }
  const measured = new Map<Name, Measured[]>(names.map((name) => [name, []]));
  await admin.query('checkpoint');
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, rival] of rivals) {
      measured.get(name)!.push(await rival.run({ commands: PER_ROUND[name], inFlight: inFlight.get(name)! }));
    }
  }
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  await Promise.all(rivals.map(([, rival]) => rival.close()));
  for (const name of names) await admin.query(`drop database ${databaseOf(name)}`);
  await admin.end();
  print(measured, inFlight, rows[0]!.server_version);
}

const databaseOf = (name: Name): string => `bench_${name}`;

async function newRival(admin: pg.Client, databaseUrl: string, name: Name): Promise<Rival> {
  await admin.query(`drop database if exists ${databaseOf(name)} with (force)`);
  await admin.query(`create database ${databaseOf(name)}`);
  const url = new URL(databaseUrl);
  url.pathname = databaseOf(name);
  return new Rival(new URL(`./${name}.js`, import.meta.url), url.href);
}

/** The number in flight at which it is fastest, once it is warm. */
async function bestOf(rival: Rival, name: Name): Promise<number> {
  await rival.run({ commands: PER_ROUND[name], inFlight: IN_FLIGHT[name][0]! });
  let best = { inFlight: 0, rate: 0 };
  for (const inFlight of IN_FLIGHT[name]) {
    const rate = rateOf(await rival.run({ commands: PER_ROUND[name] / 2, inFlight }));
    if (rate > best.rate) best = { inFlight, rate };
  }
  return best.inFlight;
}

const rateOf = ({ commands, seconds }: Measured): number => commands / seconds;

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

function print(measured: ReadonlyMap<Name, Measured[]>, inFlight: ReadonlyMap<Name, number>, server: string): void {
  const rates = (name: Name): number[] => measured.get(name)!.map(rateOf);
  const events = (name: Name): string => (sum(name, 'events') / sum(name, 'commands')).toFixed(2);
  const sum = (name: Name, what: 'events' | 'commands'): number =>
    measured.get(name)!.reduce((total, each) => total + each[what], 0);
  const row = (title: string, name: Name): string[] => [
    title,
    whole(median(rates(name))),
    `${whole(Math.min(...rates(name)))} - ${whole(Math.max(...rates(name)))}`,
    whole(inFlight.get(name)!),
    events(name),
  ];
  const table = [
    ['', 'commands/s', 'rounds', 'in flight', 'events/command'],
    row("Shiplog's waist", 'waist'),
    row("Emmett's CommandHandler", 'emmett'),
    ['ratio', (median(rates('waist')) / median(rates('emmett'))).toFixed(1), '', '', ''],
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  process.stdout.write(
    [
      `Start and finish in turn on ${whole(TARGETS)} targets drawn at random (fixed seed), decided by the same domain; medians of`,
      `${ROUNDS} rounds in turn on PostgreSQL ${server}, Node ${process.versions.node}, ${cpus().length} cores; each in a process of its own.`,
      '',
      ...table.map(line),
      '',
      'The waist    group commit: decided on states held in memory, one call of the append function for up to 500 commands,',
      '             with events, states and one outcome per command id.',
      'Emmett       getPostgreSQLEventStore, per command: the stream read and folded, decided, appended in a transaction; a pool',
      `             of 64, the best of ${IN_FLIGHT.emmett.join(', ')} in flight, conflicts tried again at once.`,
      '',
    ].join('\n'),
  );
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
