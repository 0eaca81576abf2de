import { resolve } from 'node:path';
import { loadConfig, type Config } from '#runtime';
import { startServer } from '../../apps/server/src/main.js';
import { banner } from './banner.js';
import { takeDataDir } from './data-dir.js';
import { startKafka } from './kafka.js';
import { startPostgres } from './postgres.js';

type Stop = () => unknown;
/** A Kafka address, or why there is none, as the banner says it. */
type Parts = Readonly<{ config: Config; kafka: string }>;

/** Starts what the configuration leaves to us: Postgres, Kafka, or both. Each lays its end on `stops`. */
const startParts = async (config: Config, stops: Stop[]): Promise<Parts> => {
  const { databaseUrl, dataDir, kafka } = config;
  if (databaseUrl === undefined || kafka.brokers === undefined) stops.push(takeDataDir(dataDir));
  const [postgres, broker] = await Promise.allSettled([
    databaseUrl === undefined ? startPostgres(dataDir) : undefined,
    kafka.brokers === undefined ? startKafka(dataDir, kafka.port) : undefined,
  ]);
  for (const started of [postgres, broker]) {
    if (started.status === 'fulfilled' && started.value && 'stop' in started.value) stops.push(started.value.stop);
  }
  if (postgres.status === 'rejected') throw postgres.reason;
  if (broker.status === 'rejected') throw broker.reason;
  const found = broker.value;
  const brokers = found === undefined ? kafka.brokers : 'broker' in found ? [found.broker] : 'none';
  return {
    config: { ...config, databaseUrl: databaseUrl ?? postgres.value?.url, kafka: { ...kafka, brokers } },
    kafka: found && 'missing' in found ? found.missing : String(brokers),
  };
};

const start = async (stops: Stop[]): Promise<void> => {
  const { config, kafka } = await startParts(loadConfig(process.env), stops);
  const server = await startServer(config);
  stops.push(() => server.close());
  process.stdout.write(banner({ url: server.url, token: server.adminToken, kafka, dataDir: resolve(config.dataDir) }));
};

/** The last one started stops first: the service, Kafka, Postgres. Answers whether each of them did. */
const stopAll = async (stops: Stop[]): Promise<boolean> => {
  let clean = true;
  for (let stop = stops.pop(); stop; stop = stops.pop()) {
    try {
      await stop();
    } catch (error) {
      clean = false;
      process.stderr.write(`${String(error)}\n`);
    }
  }
  return clean;
};

const main = async (): Promise<void> => {
  const stops: Stop[] = [];
  // npm passes a signal on that the whole group already got: only the first one counts.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    await start(stops);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await stopAll(stops);
    process.exit(1);
  }
  await asked;
  process.exit((await stopAll(stops)) ? 0 : 1);
};

await main();
