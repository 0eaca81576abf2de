import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { Rival } from './contender.js';
import { CopyOut } from './copy-out.js';

const EVENTS = 1_000_000;
const ROUNDS = 3;
const DATABASE = 'bench_export';
const TOKEN = 'the-token-of-the-benches';

type Read = Readonly<{ events: number; bytes: number; seconds: number }>;

/** The whole log as NDJSON over HTTP, beside a COPY of the same columns to the same process, round by round in turn. */
export async function benchExport(databaseUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.query(`create database ${DATABASE}`);
  const url = new URL(databaseUrl);
  url.pathname = DATABASE;
  await fill(url.href);
  const service = await Service.start(url.href);
  try {
    const [exports, copies]: [Read[], Read[]] = [[], []];
    await service.export(EVENTS / 10);
    const early = await service.peakMegabytes();
    for (let round = 1; round <= ROUNDS; round += 1) {
      exports.push(await service.export());
      copies.push(await copy(url.href));
    }
    const { rows } = await admin.query<{ server_version: string }>('show server_version');
    process.stdout.write(about(exports, copies, rows[0]!.server_version));
    process.stdout.write(
      `Peak resident memory of the service: ${early} MB after a tenth of the log, ${await service.peakMegabytes()} MB after ${ROUNDS} times all of it.\n`,
    );
  } finally {
    await service.stop();
    await admin.query(`drop database ${DATABASE} with (force)`);
    await admin.end();
  }
}

/** Starts and finishes through the waist, as in the bench of commands, until the log is long enough. */
async function fill(connectionString: string): Promise<void> {
  const waist = new Rival(new URL('./waist.js', import.meta.url), connectionString);
  for (let { events } = await waist.prepare(); events < EVENTS;)
    events += (await waist.run({ commands: 100_000, inFlight: 2_000 })).events;
  await waist.close();
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  await client.end();
}

async function copy(connectionString: string): Promise<Read> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const columns = 'position, stream, version, type, data, metadata, command_id, occurred_at, recorded_at';
  const began = performance.now();
  const { rows: events, bytes } = await client
    .query(new CopyOut(`copy (select ${columns} from events order by position) to stdout`))
    .done();
  const seconds = (performance.now() - began) / 1_000;
  await client.end();
  return { events, bytes, seconds };
}

/** The service in a process of its own. It only answers requests: nothing else takes part in what is measured. */
class Service {
  private constructor(
    private readonly process: ChildProcess,
    private readonly url: string,
  ) {}

  static async start(databaseUrl: string): Promise<Service> {
    const main = fileURLToPath(new URL('../../apps/server/src/main.js', import.meta.url));
    const child = spawn(process.execPath, [main], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: 'none',
        SHIPLOG_ADMIN_TOKEN: TOKEN,
        SHIPLOG_ROLES: 'api',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const log: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        log.push(line);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (found) resolve(found);
      });
      child.once('exit', () => reject(new Error(`The service did not start:\n${log.join('\n')}`)));
    });
    return new Service(child, url);
  }

  /** The log, or its first events. */
  async export(first?: number): Promise<Read> {
    const began = performance.now();
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/x-ndjson' };
    const asked = get(`${this.url}/api/v1/events`, { headers, agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let [events, bytes] = [0, 0];
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) events += 1;
      if (first !== undefined && events >= first) break;
    }
    if (first === undefined && (!response.complete || events < EVENTS)) throw new Error('The export was cut');
    return { events, bytes, seconds: (performance.now() - began) / 1_000 };
  }

  /** Of its whole life, as Linux counts it. */
  async peakMegabytes(): Promise<number | 'unknown'> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    return kilobytes === undefined ? 'unknown' : Math.round(Number(kilobytes) / 1_024);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await ended;
  }
}

const rateOf = ({ events, seconds }: Read): number => events / seconds;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const whole = (value: number): string => Math.round(value).toLocaleString('en').padStart(9);

function about(exports: readonly Read[], copies: readonly Read[], server: string): string {
  const row = (title: string, reads: readonly Read[]): string => {
    const rates = reads.map(rateOf);
    const bytes = Math.round(reads[0]!.bytes / reads[0]!.events);
    return `${title.padEnd(22)}${whole(median(rates))}   ${whole(Math.min(...rates))} - ${whole(Math.max(...rates))}${whole(bytes)}`;
  };
  const ratio = median(exports.map((read, round) => rateOf(read) / rateOf(copies[round]!)));
  return [
    `A log of ${whole(exports[0]!.events).trim()} events read whole by a client in Node; medians of ${ROUNDS} rounds in turn on PostgreSQL ${server},`,
    `Node ${process.versions.node}, ${cpus().length} cores, which the client, the service and PostgreSQL share.`,
    '',
    `${''.padEnd(22)} events/s                  rounds   bytes each`,
    row('GET /events as NDJSON', exports),
    row('COPY … TO STDOUT', copies),
    `ratio                 ${(100 * ratio).toFixed(0).padStart(8)}%`,
    '',
    '',
  ].join('\n');
}
