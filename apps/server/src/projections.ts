import { pathToFileURL } from 'node:url';
import { EventStore, createPool, type Pool } from '#event-store';
import { projections, rebuild, verify, type Projection } from '#projections';
import { createLogger, keepHeapSmall, loadConfig, type Logger } from '#runtime';
import { operatorName } from './operator.js';

const USAGE = 'Usage: npm run projections -- rebuild|verify [VIEW]';
/** One statement may go through a whole view. */
const STATEMENT_MS = 6 * 3_600_000;

type Parts = Readonly<{ pool: Pool; log: EventStore }>;
type Line = Readonly<{ view: string; position: number; differing?: number }>;
type Work = (projection: Projection, parts: Parts) => Promise<Line>;

/** While the service runs or not: a view is built beside the live one, and verified at one moment of it. */
const works: Readonly<Record<string, Work>> = {
  rebuild: async (projection, parts) => ({ view: projection.name, position: await rebuild(projection, parts) }),
  verify: async (projection, parts) => ({ view: projection.name, ...(await verify(projection, parts)) }),
};

/**
 * Rebuilds or verifies the views named by `args` (an action, and perhaps a view) in the database of `env`, telling of each as
 * a line of JSON; the log says who rebuilds. Answers whether none was found to differ from the log. Throws, and says why, where it cannot.
 */
export async function runProjections(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
  log: Logger = createLogger(),
): Promise<boolean> {
  const [action = '', view, ...more] = args;
  const work = Object.hasOwn(works, action) ? works[action] : undefined;
  const views = projections.filter(({ name }) => view === undefined || name === view);
  if (!work || views.length === 0 || more.length > 0)
    throw new Error(`${USAGE}, where VIEW is one of ${projections.map(({ name }) => name).join(', ')}`);
  const { databaseUrl } = loadConfig(env);
  if (databaseUrl === undefined) throw new Error('DATABASE_URL must say which database the views are in.');
  let same = true;
  await withParts(databaseUrl, async (parts) => {
    for (const each of views) {
      const line = await work(each, parts);
      if (action === 'rebuild')
        log.info({ operator: operatorName(), ...line, from: 0 }, 'A view was built anew from the log');
      tell(`${JSON.stringify(line)}\n`);
      same &&= !line.differing;
    }
  });
  return same;
}

async function withParts(connectionString: string, work: (parts: Parts) => Promise<void>): Promise<void> {
  const options = { connectionString, applicationName: 'shiplog projections' };
  const log = await EventStore.open(options);
  const pool = createPool({ ...options, max: 2, statementTimeoutMs: STATEMENT_MS });
  try {
    await work({ pool, log });
  } finally {
    await Promise.all([pool.end(), log.close()]);
  }
}

async function main(): Promise<void> {
  keepHeapSmall();
  try {
    const same = await runProjections(process.argv.slice(2), process.env, (line) => process.stdout.write(line));
    process.exitCode = same ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 2;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
