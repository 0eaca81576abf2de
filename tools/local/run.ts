import { resolve } from 'node:path';
import { createLogger, loadConfig, type Config } from '#runtime';
import { banner } from './banner.js';
import { takeDataDir } from './data-dir.js';
import type { Kafka } from './kafka-probe.js';
import { startKafka } from './kafka.js';
import { keepUp } from './keep-up.js';
import { asAdvised, startPostgres } from './postgres.js';

/** How to end what runs by now. */
type Running = { server?: () => unknown; kafka?: () => unknown; postgres?: () => unknown; dataDir?: () => unknown };

const log = createLogger();
const say = (line: string): void => log.warn({}, line);

const databaseFor = async (config: Config, running: Running): Promise<string> => {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  const postgres = await startPostgres(config.dataDir, asAdvised);
  const { url } = postgres;
  const startAgain = () => startPostgres(config.dataDir, [...asAdvised, `port=${new URL(url).port}`]);
  running.postgres = keepUp({ name: 'PostgreSQL', first: postgres, startAgain, say });
  return url;
};

/** The brokers, and what the banner says of them: where they are, or why there are none. */
const kafkaFor = async (
  { dataDir, kafka }: Config,
  running: Running,
): Promise<{ brokers: readonly string[] | 'none'; said: string }> => {
  if (kafka.brokers !== undefined) return { brokers: kafka.brokers, said: String(kafka.brokers) };
  const started = await startKafka(dataDir, kafka.port);
  if ('missing' in started)
    return { brokers: 'none', said: `none: ${started.missing}; events wait in the log for a broker` };
  const startAgain = async (): Promise<Kafka> => {
    const again = await startKafka(dataDir, kafka.port);
    if ('missing' in again) throw new Error(again.missing);
    return again;
  };
  running.kafka = keepUp({ name: 'Kafka', first: started, startAgain, say });
  return { brokers: [started.broker], said: started.broker };
};

const start = async (running: Running): Promise<void> => {
  const config = loadConfig(process.env);
  const { databaseUrl, kafka } = config;
  if (databaseUrl === undefined || kafka.brokers === undefined) running.dataDir = takeDataDir(config.dataDir);
  // The service is loaded while they start, which takes as long.
  const service = import('../../apps/server/src/main.js');
  const parts = [databaseFor(config, running), kafkaFor(config, running), service] as const;
  // All are waited for, also when one fails: else another would be left running.
  await Promise.allSettled(parts);
  const [database, broker, { startServer }] = await Promise.all(parts);
  const server = await startServer(
    { ...config, databaseUrl: database, kafka: { ...kafka, brokers: broker.brokers } },
    log,
  );
  running.server = server.close;
  const token = config.adminToken === undefined ? server.adminToken : undefined;
  const { url } = server;
  const hasApi = config.roles.has('api');
  process.stdout.write(banner({ url, token, hasApi, kafka: broker.said, dataDir: resolve(config.dataDir) }));
};

/** Ends all of it, one after the other; answers whether each did end. */
const stop = async ({ server, kafka, postgres, dataDir }: Running): Promise<boolean> => {
  let clean = true;
  for (const end of [server, kafka, postgres, dataDir]) {
    try {
      await end?.();
    } catch (error) {
      clean = false;
      process.stderr.write(`${String(error)}\n`);
    }
  }
  return clean;
};

const main = async (): Promise<void> => {
  const running: Running = {};
  const fail = async (error: unknown): Promise<void> => {
    process.stderr.write(`${String(error)}\n`);
    await stop(running);
    process.exit(1);
  };
  process.once('uncaughtException', (error) => void fail(error.stack));
  // Ctrl-C reaches us twice, from the terminal and from npm, and people press it twice: once is enough.
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    await start(running);
    await asked;
    process.exit((await stop(running)) ? 0 : 1);
  } catch (error) {
    await fail(error instanceof Error ? error.message : error);
  }
};

await main();
