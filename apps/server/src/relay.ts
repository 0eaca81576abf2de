import { pathToFileURL } from 'node:url';
import { createPool } from '#event-store';
import { published, rewind, topicNames } from '#kafka';
import { createLogger, loadConfig, type Logger } from '#runtime';
import { operatorName } from './operator.js';

const USAGE = `Usage: npm run relay -- rewind ${published.join('|')} POSITION, a whole number; 0 publishes all again`;

/**
 * Has what `args` name published again from behind a position (of outcomes: a count), beside a running service, and tells of it
 * as a line of JSON; the log says who did it. Throws, and says why, where it cannot.
 */
export async function runRelay(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
  log: Logger = createLogger(),
): Promise<void> {
  const [action, asked, position = '', ...more] = args;
  const name = published.find((each) => each === asked);
  if (action !== 'rewind' || name === undefined || !/^\d{1,15}$/.test(position) || more.length > 0)
    throw new Error(USAGE);
  const { databaseUrl, kafka } = loadConfig(env);
  if (databaseUrl === undefined) throw new Error('DATABASE_URL must say which database the log is in.');
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'shiplog relay', max: 1 });
  try {
    const done = await rewind(pool, topicNames(kafka.topicPrefix)[name], Number(position));
    log.info({ operator: operatorName(), ...done }, 'A topic is published again from behind a position');
    tell(`${JSON.stringify(done)}\n`);
  } finally {
    await pool.end();
  }
}

async function main(): Promise<void> {
  try {
    await runRelay(process.argv.slice(2), process.env, (line) => process.stdout.write(line));
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 2;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
