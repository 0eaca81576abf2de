import { setTimeout as pause } from 'node:timers/promises';
import { type Attempt, isSettled, newAttempt, send } from '../../support/history.js';
import type { Random } from '../../support/random.js';
import type { Read } from '../checkers/index.js';
import { drawPoison, drawWish, PROJECT, SeenVersions, type Wish } from './commands.js';

const THINK_MS = 40;
const DOWN_MS = 100;

/** What a client of HTTP did and saw. A reuse is an id of `attempts` with another body, and must never be taken. */
export type RestHistory = Readonly<{
  attempts: Attempt[];
  reuses: Array<Readonly<{ attempt: Attempt; of: string }>>;
  /** What bad input was answered. */
  poisons: number[];
  /** By versions of one target: a position was asked for at which that was reached. */
  reads: Read[];
  versions: SeenVersions;
}>;

export const emptyRestHistory = (): RestHistory => ({
  attempts: [],
  reuses: [],
  poisons: [],
  reads: [],
  versions: new SeenVersions(),
});

type Place = Readonly<{ url: () => string | undefined; token: string }>;

export const attemptOf = (wish: Wish, id?: string): Attempt => {
  const { route, data, type, target, expectedVersion, occurredAt } = wish;
  const key = type === 'CreateTarget' ? { key: target } : {};
  const attempt = newAttempt(route, { ...key, ...data, ...(occurredAt === undefined ? {} : { occurredAt }) });
  return {
    ...attempt,
    ...(id === undefined ? {} : { id }),
    ...(expectedVersion === undefined ? {} : { expectedVersion }),
  };
};

/** A pipeline that sends one command after the other to whichever replica is up, now and then twice, now and then against a rival, and now and then nonsense. */
export async function writeByRest(
  history: RestHistory,
  place: Place,
  random: Random,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const wish = history.versions.expectSome(drawWish(random), random);
    const attempt = attemptOf(wish);
    // Of two who decided on one version at the same moment one wins.
    const rivals = wish.expectedVersion === undefined ? [] : [attemptOf(wish)];
    history.attempts.push(attempt, ...rivals);
    const dice = random();
    await Promise.all([attempt, ...rivals].map((each) => sendSomewhere(each, place)));
    noteVersion(history, wish, attempt);
    if (dice < 0.1) await sendSomewhere(attempt, place);
    else if (dice < 0.13) await reuse(history, attempt, place);
    else if (dice < 0.16) await sendPoison(history, drawPoison(random), place);
    else if (dice < 0.3) await readBack(history, wish, { attempt, place });
    await pause(THINK_MS * random() * 2);
  }
}

export async function sendSomewhere(attempt: Attempt, { url, token }: Place): Promise<void> {
  const to = url();
  if (to === undefined) await pause(DOWN_MS);
  else await send(attempt, to, token);
}

type Accepted = Readonly<{ position: number; version: number }>;

/** What the sender was told of where the command stands; undefined where it was not accepted. */
export function acceptedOf({ seen }: Attempt): Accepted | undefined {
  const accepted = seen.find(({ status }) => status === 200 || status === 201);
  return accepted && (JSON.parse(accepted.body) as Accepted);
}

function noteVersion({ versions }: RestHistory, { target }: Wish, attempt: Attempt): void {
  const accepted = acceptedOf(attempt);
  if (accepted) versions.note(target, accepted.version);
}

type Sent = Readonly<{ attempt: Attempt; place: Place }>;

/** Whoever was answered at a position asks any replica for a view of at least that. */
async function readBack(history: RestHistory, { target }: Wish, { attempt, place }: Sent): Promise<void> {
  const to = place.url();
  const accepted = acceptedOf(attempt);
  if (to === undefined || accepted === undefined) return;
  const path = `/api/v1/projects/${PROJECT}/targets/${target}?min_position=${accepted.position}`;
  const stood = await fetch(`${to}${path}`, {
    headers: { authorization: `Bearer ${place.token}` },
    signal: AbortSignal.timeout(15_000),
  }).then(standOf, () => null);
  history.reads.push({ view: `current of ${target}`, asked: accepted.version, stood });
  if (stood !== null) history.versions.note(target, stood);
}

/** Who is told to come again was told nothing of the target; any other answer stands nowhere. */
async function standOf(response: Response): Promise<number | null> {
  const text = await response.text();
  if (response.ok) return (JSON.parse(text) as { version: number }).version;
  return [429, 503].includes(response.status) ? null : 0;
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
