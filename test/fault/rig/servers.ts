import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccount } from '../../../tools/local/account.js';
import type { Kafka } from '../../../tools/local/kafka-probe.js';
import { startKafka } from '../../../tools/local/kafka.js';
import { startPostgres, type Postgres } from '../../../tools/local/postgres.js';
import { isFree, run } from '../../../tools/local/process.js';
import { guard } from '../../../tools/local/scratch.js';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import { until } from '../../support/until.js';

const DISK_BYTES = 4 * 1024 ** 3;
/** What is left of a disk that is full. */
const LEFT_BYTES = 256 * 1024;
const SETTINGS = ['max_connections=300', 'max_wal_size=96MB', 'shared_buffers=64MB'];

/** All traffic to the servers goes through these: to PostgreSQL a way of its own for each replica. */
type Ways = Readonly<{ postgres: readonly CuttingProxy[]; kafka: CuttingProxy }>;
type Running = { postgres: Postgres; kafka: Kafka };

/** The rig's own PostgreSQL and Kafka, and what can be done to them. */
export class Servers {
  private constructor(
    private readonly place: Readonly<{ home: string; hasDisk: boolean; kafkaPort: number; unguard: () => void }>,
    private readonly running: Running,
    readonly ways: Ways,
  ) {}

  static async start(replicas: number): Promise<Servers> {
    const home = mkdtempSync(join(tmpdir(), 'shiplog-faults-'));
    chmodSync(home, 0o755);
    const unguard = guard(home);
    const hasDisk = await mountDisk(join(home, 'postgres'));
    const [kafkaPort, postgresPort] = [await steadyPort(), await steadyPort()];
    const toKafka = await CuttingProxy.to(`http://127.0.0.1:${kafkaPort}`);
    const [postgres, kafka] = await Promise.all([
      startPostgres(home, [`port=${postgresPort}`, ...SETTINGS]),
      startBroker(home, kafkaPort, portOf(toKafka)),
    ]);
    const toPostgres = await Promise.all(Array.from({ length: replicas }, () => CuttingProxy.to(postgres.url)));
    const place = { home, hasDisk, kafkaPort, unguard };
    return new Servers(place, { postgres, kafka }, { postgres: toPostgres, kafka: toKafka });
  }

  /** Which faults this machine does not allow, and why. */
  get impossible(): ReadonlyMap<string, string> {
    const { home, hasDisk } = this.place;
    return new Map([
      ...(hasDisk ? [] : [['disk-full', 'only root may mount a small disk'] as const]),
      ...(brokerPid(home) > 0 ? [] : [['broker-kill', 'the broker runs in a container'] as const]),
    ]);
  }

  /** Straight to PostgreSQL, past all proxies. */
  get databaseUrl(): string {
    return this.running.postgres.url;
  }

  /** For the replica of this number. */
  databaseUrlOf(replica: number): string {
    const url = new URL(this.databaseUrl);
    url.port = String(portOf(this.ways.postgres[replica]!));
    return url.href;
  }

  get brokers(): string {
    return `127.0.0.1:${portOf(this.ways.kafka)}`;
  }

  /** What PostgreSQL has not written to its write-ahead log is lost. */
  async crashPostgres(): Promise<void> {
    const { postgres } = this.running;
    process.kill(postgres.pid, 'SIGQUIT');
    await postgres.ended();
  }

  /** Nothing, where it still runs. */
  async startPostgres(): Promise<void> {
    const { port } = new URL(this.databaseUrl);
    this.running.postgres = await startPostgres(this.place.home, [`port=${port}`, ...SETTINGS]);
  }

  /** Resolves when its port is free: the last of its threads gives that up well after the process has lost its name. */
  async killBroker(): Promise<void> {
    process.kill(brokerPid(this.place.home), 'SIGKILL');
    await this.running.kafka.ended();
    await until(() => isFree(this.place.kafkaPort));
  }

  async startBroker(): Promise<void> {
    this.running.kafka = await startBroker(this.place.home, this.place.kafkaPort, portOf(this.ways.kafka));
  }

  /** Leaves room for nothing, in tables or in the write-ahead log. */
  async fillDisk(): Promise<void> {
    const { bsize, blocks, bfree } = await statfs(this.disk);
    await remount(this.disk, (blocks - bfree) * bsize + LEFT_BYTES);
  }

  /** PostgreSQL goes on by itself, or is started again where it had to end. */
  async freeDisk(): Promise<void> {
    await remount(this.disk, DISK_BYTES);
    await this.startPostgres();
  }

  async stop(): Promise<void> {
    for (const proxy of [...this.ways.postgres, this.ways.kafka]) proxy.close();
    await Promise.all([this.running.postgres.stop(), this.running.kafka.stop()]);
    const { home, hasDisk, unguard } = this.place;
    unguard();
    const { disk } = this;
    if (hasDisk) await run('umount', [disk]);
    for (const path of [disk, home]) rmSync(path, { recursive: true, force: true });
  }

  private get disk(): string {
    return realpathSync(join(this.place.home, 'postgres'));
  }
}

/** Below the ports that connections get: one of theirs must not have it while the server is down. */
async function steadyPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

const portOf = (proxy: CuttingProxy): number => Number(new URL(proxy.url).port);

const startBroker = async (home: string, port: number, advertised: number): Promise<Kafka> => {
  const broker = await startKafka(home, port, advertised);
  if ('missing' in broker) throw new Error(`The rig needs a broker: ${broker.missing}.`);
  return broker;
};

/** 0 where it is not to be seen. */
const brokerPid = (home: string): number => {
  try {
    return Number(readFileSync(join(home, 'kafka/kafka.pid'), 'utf8'));
  } catch {
    return 0;
  }
};

/** A disk of its own for PostgreSQL, in memory; false where this user may not mount one. */
async function mountDisk(path: string): Promise<boolean> {
  const { uid, gid } = await postgresAccount();
  if (uid === undefined) return false;
  mkdirSync(path);
  const options = `size=${DISK_BYTES},uid=${uid},gid=${gid},mode=750`;
  return run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).then(
    () => true,
    () => {
      rmSync(path, { recursive: true });
      return false;
    },
  );
}

const remount = async (path: string, bytes: number): Promise<void> => {
  await run('mount', ['-o', `remount,size=${bytes}`, path]);
};
