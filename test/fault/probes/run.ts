import { migrations } from '../../../apps/server/src/server.js';
import { createTestDatabase } from '../../support/database.js';
import { spawnReplica, stopReplica, type Replica } from '../../support/replica.js';
import { checkExits, type Exit, type Violation } from '../checkers/index.js';
import { TOKEN } from '../rig/settling.js';
import { Detour, probes, type ProbeName } from './index.js';

/** Where replicas could get in each other's way; elsewhere one is enough. */
const SEVERAL: ReadonlySet<string> = new Set<ProbeName>(['tail', 'rebuilds', 'audit']);

type Asked = Readonly<{ name: ProbeName; dist: string; isOfSql?: boolean }>;

/** What a probe finds in replicas of that service, on a new database, which they migrate themselves where `isOfSql`. */
export async function probe({ name, dist, isOfSql = false }: Asked): Promise<readonly Violation[]> {
  const [database, detour] = await Promise.all([createTestDatabase(isOfSql ? {} : { migrations }), Detour.start()]);
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: 'none',
    SHIPLOG_ADMIN_TOKEN: TOKEN,
    ...detour.env,
  };
  const started = Array.from({ length: SEVERAL.has(name) ? 3 : 1 }, () => spawnReplica(env, dist));
  try {
    const replicas: Replica[] = await Promise.all(started.map(({ listening }) => listening));
    const urls = replicas.map(({ url }) => url);
    const exits = (): Exit[] => replicas.flatMap(exitOf);
    const found = await probes[name]({ urls, token: TOKEN, databaseUrl: database.url, dist, detour, exits });
    return [...found, ...checkExits(exits())];
  } finally {
    for (const { process } of started) await stopReplica({ process, url: '', log: [] }, 'SIGKILL');
    detour.stop();
    await database.drop();
  }
}

const exitOf = ({ process: { exitCode, signalCode }, log }: Replica, replica: number): Exit[] =>
  exitCode === null && signalCode === null ? [] : [{ replica, reason: String(signalCode ?? exitCode), log }];
