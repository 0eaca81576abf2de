import { setTimeout as pause } from 'node:timers/promises';
import { type Attempt, isSettled, newAttempt, send } from '../../support/history.js';
import type { Random } from '../../support/random.js';
import { drawPoison, drawWish, type Wish } from './commands.js';

const THINK_MS = 40;
const DOWN_MS = 100;

/** What a client of HTTP did and saw. A reuse is an id of `attempts` with another body, and must never be taken. */
export type RestHistory = Readonly<{
  attempts: Attempt[];
  reuses: Array<Readonly<{ attempt: Attempt; of: string }>>;
  /** What bad input was answered. */
  poisons: number[];
}>;

export const emptyRestHistory = (): RestHistory => ({ attempts: [], reuses: [], poisons: [] });

type Place = Readonly<{ url: () => string | undefined; token: string }>;

export const attemptOf = ({ route, data, type, target }: Wish, id?: string): Attempt => {
  const attempt = newAttempt(route, type === 'CreateTarget' ? { key: target, ...data } : data);
  return id === undefined ? attempt : { ...attempt, id };
};

/** A pipeline that sends one command after the other to whichever replica is up, now and then twice, and now and then nonsense. */
export async function writeByRest(
  history: RestHistory,
  place: Place,
  random: Random,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const attempt = attemptOf(drawWish(random));
    history.attempts.push(attempt);
    const dice = random();
    await sendSomewhere(attempt, place);
    if (dice < 0.1) await sendSomewhere(attempt, place);
    else if (dice < 0.13) await reuse(history, attempt, place);
    else if (dice < 0.16) await sendPoison(history, drawPoison(random), place);
    await pause(THINK_MS * random() * 2);
  }
}

export async function sendSomewhere(attempt: Attempt, { url, token }: Place): Promise<void> {
  const to = url();
  if (to === undefined) await pause(DOWN_MS);
  else await send(attempt, to, token);
}

async function reuse(history: RestHistory, attempt: Attempt, place: Place): Promise<void> {
  if (!isSettled(attempt)) return;
  const other = { ...newAttempt(attempt.path.replace(/\w+$/, 'fail'), { version: 'another' }), id: attempt.id };
  history.reuses.push({ attempt: other, of: attempt.id });
  await sendSomewhere(other, place);
}

async function sendPoison(history: RestHistory, body: string, { url, token }: Place): Promise<void> {
  const to = url();
  if (to === undefined) return;
  await fetch(`${to}/api/v1/projects/rig/targets/t1/start`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(15_000),
  }).then(
    ({ status }) => history.poisons.push(status),
    () => undefined,
  );
}
