import { Agent, get } from 'node:http';
import { cpus } from 'node:os';

import pg from 'pg';

import { CommandQueue } from '#commands';
import { fromEpochMillis, streamOf, type TargetCommand } from '#domain';
import { createPool, EventStore, migrate } from '#event-store';
import { createLogger, loadConfig, newId } from '#runtime';
import { migrations, startServer } from '../../apps/server/src/server.js';

const TARGETS = 1_000;
const TENURES = 25;
const ROUNDS = 15;
const READS_A_ROUND = 40;
const PROJECT = 'bench';
const TOKEN = 'the-token-of-the-benches';
const DATABASE = 'bench_at';

/** The reads that are compared, by their titles: the first of each group is the one without `at`. */
type Reads = ReadonlyArray<readonly [title: string, urls: readonly string[]]>;

/** What is current at a moment of the past beside what is current now, over HTTP, round by round in turn. */
export async function benchAt(databaseUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.query(`create database ${DATABASE}`);
  const url = new URL(databaseUrl);
  url.pathname = DATABASE;
  const events = await fill(url.href);
  const config = { PORT: '0', DATABASE_URL: url.href, KAFKA_BROKERS: 'none', SHIPLOG_ADMIN_TOKEN: TOKEN };
  const server = await startServer(loadConfig(config), createLogger({ level: 'silent' }));
  const client = new Client(`${server.url}/api/v1`);
  try {
    await client.reach(events);
    await analyze(url.href);
    const middle = await client.recordedAt(Math.floor(events / 2));
    for (const group of await groups(client, middle)) print(await measure(client, group));
    const { rows } = await admin.query<{ server_version: string }>('show server_version');
    process.stdout.write(about(events, rows[0]!.server_version));
  } finally {
    client.close();
    await server.close();
    await admin.query(`drop database ${DATABASE} with (force)`);
    await admin.end();
  }
}

/** Every target is deployed to again and again, all of them in turn. Answers the number of events. */
async function fill(databaseUrl: string): Promise<number> {
  await migrate(databaseUrl, migrations);
  const store = await EventStore.open({ connectionString: databaseUrl });
  const queue = new CommandQueue({ store, newId, log: createLogger({ level: 'silent' }), maxQueued: 10 * TARGETS });
  const send = (command: TargetCommand) =>
    queue.submit({
      stream: streamOf(PROJECT, command.target),
      commandId: newId(),
      fingerprint: Buffer.alloc(32),
      command,
      context: { actor: { id: 'ci', kind: 'service' }, occurredAt: fromEpochMillis(Date.now()) },
    });
  const everywhere = (make: (target: string) => TargetCommand): Promise<unknown> =>
    Promise.all(Array.from({ length: TARGETS }, (_, index) => send(make(`target-${index}`))));
  await everywhere((target) => ({ type: 'CreateTarget', project: PROJECT, target, data: {} }));
  for (let tenure = 1; tenure <= TENURES; tenure += 1) {
    const commitRefs = [{ repository: 'web-shop', branch: 'main', commit: `${tenure}`.padStart(40, 'a') }];
    const data = { version: `${tenure}.0.0`, commitRefs, metadata: { build: tenure } };
    await everywhere((target) => ({ type: 'StartDeployment', project: PROJECT, target, data }));
    await everywhere((target) => ({ type: 'FinishDeployment', project: PROJECT, target, data }));
  }
  const { position } = await store.head();
  await queue.drain();
  await store.close();
  return position;
}

/** As autovacuum would in a minute. */
async function analyze(connectionString: string): Promise<void> {
  const pool = createPool({ connectionString, max: 1 });
  await pool.query('vacuum analyze');
  await pool.end();
}

async function groups(client: Client, middle: string): Promise<Reads[]> {
  const paged = async (limit: number): Promise<Reads> => {
    const moments = ['', `&at=${middle}`, '&at=9999-01-01T00:00:00Z', `&at=${middle}&by=occurred`];
    const lists = await Promise.all(
      moments.map((moment) => client.pages(`/current?project=${PROJECT}&limit=${limit}${moment}`)),
    );
    const titles = ['without at', 'at the middle', 'at the end', 'at the middle, by occurred'];
    return titles.map((title, index) => [`${title}, pages of ${limit}`, lists[index]!] as const);
  };
  const one = (moment: string): string[] =>
    Array.from({ length: TARGETS }, (_, index) => `/projects/${PROJECT}/targets/target-${index}/current${moment}`);
  const single: Reads = [
    ['without at, one target', one('')],
    ['at the middle, one target', one(`?at=${middle}`)],
  ];
  return [await paged(50), await paged(200), single];
}

type Measured = ReadonlyArray<readonly [title: string, milliseconds: readonly number[]]>;

/** The mean time of a read, of each round. */
async function measure(client: Client, reads: Reads): Promise<Measured> {
  const measured = reads.map(([title, urls]) => ({ title, urls, times: [] as number[] }));
  let next = 0;
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const { urls, times } of measured) {
      const began = performance.now();
      for (let count = 0; count < READS_A_ROUND; count += 1) await client.get(urls[(next + count) % urls.length]!);
      if (round >= 0) times.push((performance.now() - began) / READS_A_ROUND);
    }
    next += READS_A_ROUND;
  }
  return measured.map(({ title, times }) => [title, times] as const);
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

function print(measured: Measured): void {
  const plain = median(measured[0]![1]);
  const lines = measured.map(([title, times]) => {
    const range = `${Math.min(...times).toFixed(2)} - ${Math.max(...times).toFixed(2)}`;
    return `${title.padEnd(40)}${median(times).toFixed(2).padStart(8)} ms  ${range.padStart(16)}  ${(median(times) / plain).toFixed(2)}`;
  });
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

const about = (events: number, server: string): string =>
  `One read at a time of what is current on ${TARGETS} targets with ${TENURES} tenures each (${events} events), pages in turn;\n` +
  `medians of ${ROUNDS} rounds in turn, their range, and the ratio to the read without at. PostgreSQL ${server},\n` +
  `Node ${process.versions.node}, ${cpus().length} cores; service and client in one process.\n`;

/** One connection, and no more work than to take the bytes. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  get(path: string): Promise<Buffer> {
    const options = { agent: this.#agent, headers: { authorization: `Bearer ${TOKEN}` } };
    return new Promise((resolve, reject) => {
      const request = get(this.url + path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(`${path}: ${body.toString()}`));
        });
      });
      request.on('error', reject);
    });
  }

  /** Waits until every view that is read has come so far. */
  async reach(position: number): Promise<void> {
    for (const path of ['/current?', '/current?by=occurred&', `/projects/${PROJECT}/targets/target-0/current?`]) {
      for (let tries = 1; ; tries += 1) {
        const problem = await this.get(`${path}min_position=${position}`).then(
          () => undefined,
          (error: Error) => error,
        );
        if (!problem) break;
        if (tries === 20) throw problem;
      }
    }
  }

  async recordedAt(position: number): Promise<string> {
    const { items } = JSON.parse((await this.get(`/events?after=${position - 1}&limit=1`)).toString());
    return items[0].recordedAt;
  }

  /** The addresses of all pages of a list. */
  async pages(path: string): Promise<string[]> {
    const paths: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      paths.push(cursor === '' ? path : `${path}&cursor=${cursor}`);
      cursor = JSON.parse((await this.get(paths.at(-1)!)).toString()).nextCursor;
    }
    return paths;
  }

  close(): void {
    this.#agent.destroy();
  }
}
