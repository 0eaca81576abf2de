import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { ConfigError, createLogger, loadConfig, type Config, type Logger } from '#runtime';
import { startServer, type RunningServer } from './server.js';

export { startServer, type RunningServer } from './server.js';

/** The service as a process of its own: it ends with 0 on SIGTERM and SIGINT, with 1 when it cannot go on. */
async function run(): Promise<void> {
  const log = createLogger();
  const die = (err: unknown, message: string): never => {
    log.fatal({ err }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => die(error, 'An error that nobody caught'));
  process.on('unhandledRejection', (error) => die(error, 'A rejection that nobody handled'));
  try {
    endOnSignals(await startServer(configOrExit(log), log), log);
  } catch (error) {
    die(error, 'The start failed');
  }
}

function configOrExit(log: Logger): Config {
  try {
    const config = loadConfig(process.env);
    if (config.databaseUrl === undefined)
      throw new ConfigError('DATABASE_URL must be given: only `npm start` brings its own Postgres.');
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.fatal({}, error.message);
    process.exit(1);
  }
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
