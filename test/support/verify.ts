import { createPool, EventStore } from '#event-store';
import { ProjectionRunner, projections, verify, viewNames } from '#projections';
import { createLogger } from '#runtime';

/** Waits until every view has reached the position, then names each view that differs from a fold of the log, with its first differences. */
export const verifyAll = async (connectionString: string, position: number): Promise<string[]> => {
  const store = await EventStore.open({ connectionString });
  const pool = createPool({ connectionString, max: 2 });
  try {
    const views = new ProjectionRunner({ store, pool, log: createLogger() });
    if (!(await views.waitForPosition(viewNames, position, 30_000))) return ['The views have not reached the log.'];
    const differing: string[] = [];
    for (const projection of projections) {
      const { rows, differences } = await verify(projection, { pool, log: store });
      if (rows === 0 && projection.name === 'current') differing.push('The view of what is current is empty.');
      if (differences.length > 0) differing.push(`${projection.name}: ${JSON.stringify(differences)}`);
    }
    return differing;
  } finally {
    await pool.end();
    await store.close();
  }
};
