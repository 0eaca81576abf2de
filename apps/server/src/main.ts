import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { ConfigError, createLogger, loadConfig, type Config, type Logger } from '#runtime';
import { startServer, type RunningServer } from './server.js';

export { migrations, startServer, type RunningServer } from './server.js';

/** The service as a process of its own: it ends with 0 on SIGTERM and SIGINT, with 1 when it cannot go on. */
async function run(): Promise<void> {
  const log = createLogger();
  const die = (about: object, message: string): never => {
    log.fatal(about, message);
    process.exit(1);
  };
  process.on('uncaughtException', (err) => die({ err }, 'An error that nobody caught'));
  process.on('unhandledRejection', (err) => die({ err }, 'A rejection that nobody handled'));
  try {
    endOnSignals(await startServer(configOf(process.env), log), log);
  } catch (err) {
    if (err instanceof ConfigError) die({}, err.message);
    die({ err }, 'The start failed');
  }
}

function configOf(env: NodeJS.ProcessEnv): Config {
  const config = loadConfig(env);
  if (config.databaseUrl === undefined)
    throw new ConfigError('DATABASE_URL must be given: only `npm start` brings its own Postgres.');
  return config;
}

/** A second signal changes nothing: the stop ends in any case, and soon. */
function endOnSignals(server: RunningServer, log: Logger): void {
  const end = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'Stopping');
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end).on('SIGINT', end);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
