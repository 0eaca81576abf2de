import { setTimeout as pause } from 'node:timers/promises';
import { createPool } from '#event-store';
import { callerOf, type Place, type Probe } from './place.js';

const TIMES = 5;
const APART_MS = 500;
const BACK_WITHIN_MS = 60_000;
const LOOK_MS = 100;

/** PostgreSQL ends all connections, as when it is restarted, most of them while nothing goes on there. Who is left has to be ready again. */
export const probeLostConnections: Probe = async (place) => {
  const pool = createPool({ connectionString: place.databaseUrl, max: 1, applicationName: 'rig' });
  let ended = 0;
  try {
    for (let n = 0; n < TIMES; n += 1) {
      const { rows } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'shiplog%' and state = 'idle'`,
      );
      ended += rows.length;
      await pause(APART_MS);
    }
  } finally {
    await pool.end();
  }
  if (ended === 0) throw new Error('No connection was idle that could have been ended.');
  return (await isBack(place))
    ? []
    : [{ invariant: 'X6', what: `not ready ${BACK_WITHIN_MS} ms after it lost all connections` }];
};

/** Whether it gets ready; one that has ended by itself is another matter. */
const isBack = async (place: Place): Promise<boolean> => {
  const { call } = callerOf(place);
  for (const late = performance.now() + BACK_WITHIN_MS; performance.now() < late; await pause(LOOK_MS)) {
    if (place.exits().length > 0) return true;
    const reply = await call('/health/ready', { token: null }).catch(() => undefined);
    if (reply?.status === 200) return true;
  }
  return false;
};
