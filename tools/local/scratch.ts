import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from './kafka.js';
import { asAdvised, startPostgres } from './postgres.js';
import { freePort } from './process.js';

/** Servers on a directory of their own, for as long as this process lives. `brokers` is missing where none can be had. */
export type Scratch = Readonly<{ databaseUrl: string; brokers?: string; stop: () => Promise<void> }>;

/** Nothing here outlives its run, so nothing needs to reach the disk. */
const careless = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];

/** Ends the servers in a directory also when this process is killed and can end nothing: then the pipe to this shell breaks. */
export const guard = (directory: string): (() => void) => {
  const script = `cd "$0" && cat >/dev/null
    kill -QUIT $(head -n 1 postgres/cluster/postmaster.pid)
    kill -KILL $(cat kafka/kafka.pid)
    sleep 1; umount postgres 2>&-; rm -rf "$(realpath postgres)" "$0"`;
  const shell = spawn('sh', ['-c', script, directory], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  return () => shell.kill('SIGKILL');
};

const discard = (directory: string): void => {
  for (const path of [realpathSync(join(directory, 'postgres')), directory])
    rmSync(path, { recursive: true, force: true });
};

/** Starts a real Postgres and, if wanted, a real Kafka, on free ports and a scratch directory. */
export const startScratch = async (wanted: { kafka: boolean; durable?: boolean }): Promise<Scratch> => {
  const directory = mkdtempSync(join(tmpdir(), 'shiplog-'));
  chmodSync(directory, 0o755);
  const unguard = guard(directory);
  const [postgres, kafka] = await Promise.all([
    startPostgres(directory, wanted.durable ? asAdvised : careless),
    wanted.kafka ? startKafka(directory, await freePort()) : undefined,
  ]);
  const broker = kafka && 'broker' in kafka ? kafka : undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([postgres.stop(), broker?.stop()]);
    unguard();
    discard(directory);
  };
  return { databaseUrl: postgres.url, ...(broker ? { brokers: broker.broker } : {}), stop };
};
