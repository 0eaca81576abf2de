import { describe, expect, it } from '@jest/globals';
import { migrations } from '../../apps/server/src/server.js';
import { createTestDatabase } from '../support/database.js';
import { spawnReplica, stopReplica, type Replica } from '../support/replica.js';
import type { Violation } from './checkers/index.js';
import { Detour, probes, type ProbeName } from './probes/index.js';
import { mutants } from './probes/mutants.js';
import { BUILT, distWith, tellCaught } from './rig/mutants.js';
import { TOKEN } from './rig/settling.js';

/** Where replicas could get in each other's way; elsewhere one is enough. */
const SEVERAL: ReadonlySet<string> = new Set<ProbeName>(['tail', 'rebuilds', 'audit']);
const all = Object.keys(probes) as ProbeName[];

type Asked = Readonly<{ names: readonly ProbeName[]; dist: string; isOfSql?: boolean }>;

/** Replicas of that service on a new database, which they migrate themselves where `isOfSql`, and what the probes find. */
async function probe({ names, dist, isOfSql = false }: Asked): Promise<readonly Violation[]> {
  const [database, detour] = await Promise.all([createTestDatabase(isOfSql ? {} : { migrations }), Detour.start()]);
  const env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: 'none',
    SHIPLOG_ADMIN_TOKEN: TOKEN,
    ...detour.env,
  };
  const started = Array.from({ length: names.some((name) => SEVERAL.has(name)) ? 3 : 1 }, () =>
    spawnReplica(env, dist),
  );
  try {
    const replicas: Replica[] = await Promise.all(started.map(({ listening }) => listening));
    const urls = replicas.map(({ url }) => url);
    const place = { urls, token: TOKEN, databaseUrl: database.url, dist, detour };
    const violations: Violation[] = [];
    for (const name of names) violations.push(...(await probes[name](place)));
    return violations;
  } finally {
    for (const { process } of started) await stopReplica({ process, url: '', log: [] }, 'SIGKILL');
    detour.stop();
    await database.drop();
  }
}

it('the probes find nothing in the service as it is built', async () => {
  expect(await probe({ names: all, dist: BUILT })).toEqual([]);
}, 600_000);

describe('the probes find', () => {
  it.each(mutants)(
    '$name, as $invariant',
    async (mutant) => {
      const since = performance.now();
      const violations = await probe({
        names: [mutant.probe],
        dist: distWith(mutant),
        isOfSql: mutant.edits.some(({ file }) => file.endsWith('.sql')),
      });
      expect(violations).toContainEqual({ invariant: mutant.invariant, what: expect.any(String) });
      tellCaught(mutant, since);
    },
    300_000,
  );
});
