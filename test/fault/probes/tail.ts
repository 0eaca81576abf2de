import { setTimeout as pause } from 'node:timers/promises';
import { createPool } from '#event-store';
import { API, unique } from '../../support/server.js';
import { checkTail, type Logged } from '../checkers/index.js';
import { readLog } from '../rig/watch.js';
import { callerOf, type Place, type Probe } from './place.js';

const FOR_MS = 4_000;
const WRITERS = 12;
const MANY = 100;
const LOOK_MS = 1;
const PAGE = 1_000;

/** All replicas append at once, while somebody reads `position > last`, and nothing else. */
export const probeTail: Probe = async (place) => {
  const pool = createPool({ connectionString: place.databaseUrl, max: 2, applicationName: 'rig' });
  try {
    const began = (await readLog(pool, 0, Number.MAX_SAFE_INTEGER)).length;
    const tailed: Logged[] = [];
    const readOn = async (): Promise<boolean> => {
      const rows = await readLog(pool, tailed.at(-1)?.position ?? began, PAGE);
      tailed.push(...rows);
      return rows.length > 0;
    };
    const end = performance.now() + FOR_MS;
    const isOver = (): boolean => performance.now() > end;
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, n) => writeUntil(place, n, isOver)));
    while (!isOver()) {
      await readOn();
      await pause(LOOK_MS);
    }
    await writing;
    while (await readOn());
    const events = await readLog(pool, began, Number.MAX_SAFE_INTEGER);
    if (events.length < WRITERS) throw new Error('Nothing was written that a reader could miss.');
    return checkTail(
      events,
      tailed.map(({ position }) => position),
    );
  } finally {
    await pool.end();
  }
};

/** Some append much at once, and others little: what began first is not what is done first. One who fails is told so by other checks. */
const writeUntil = async (place: Place, number: number, isOver: () => boolean): Promise<void> => {
  const [{ call }, project] = [callerOf(place), unique('tailed')];
  const count = number % 3 === 0 ? MANY : 1;
  for (let n = 0; !isOver(); n += 1) {
    const body = Array.from({ length: count }, (_, i) => ({
      ...{ commandId: unique('make'), type: 'CreateTarget', project, target: `t${n}-${i}`, data: {} },
    }));
    await call(`${API}/commands`, { body }).catch(() => undefined);
  }
};
