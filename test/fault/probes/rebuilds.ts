import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { API, unique } from '../../support/server.js';
import { until } from '../../support/until.js';
import { verifyAll } from '../../support/verify.js';
import { checkWhole, type Look } from '../checkers/index.js';
import { callerOf, sendAll, type Place, type Probe } from './place.js';

const TARGETS = 40;
/**
 * Deployments of each target. With as many as mutants are given, what ends a rebuild takes so long that the live view moves on
 * meanwhile, if it may; the service as it is built is asked the same of fewer.
 */
const BEFORE = process.env['FAULTS_MUTANTS'] ? 75 : 10;
const AT_ONCE = 5;
const ON_A_PAGE = 200;
const REBUILDS = 3;
const LOOK_MS = 3;

/** All views are built anew, several times, while commands come and readers look: each sees all that it saw before. */
export const probeRebuilds: Probe = async (place) => {
  const project = unique('rebuilt');
  let position = 0;
  for (const commands of beginnings(project)) position = await sendAll(place, commands);
  const deployments = `/deployments?project=${project}&limit=${ON_A_PAGE}`;
  // What a reader is not to lose must have been there: a view lags behind the commands until it is waited for once.
  await until(async () => (await callerOf(place).call(`${API}${deployments}&min_position=${position}`)).status === 200);
  const looks: Look[] = [];
  let over = false;
  const meanwhile = async (work: () => Promise<void>): Promise<void> => {
    while (!over) await work();
  };
  const others = [
    meanwhile(async () => {
      position = Math.max(position, await sendAll(place, finishes(project, AT_ONCE)));
    }),
    meanwhile(() =>
      look(place, `/current?project=${project}&limit=${ON_A_PAGE}&min_position=${position}`, looks, TARGETS),
    ),
    meanwhile(() => look(place, deployments, looks, ON_A_PAGE)),
  ];
  try {
    for (let n = 0; n < REBUILDS; n += 1) await rebuildAll(place);
  } finally {
    over = true;
    await Promise.all(others);
  }
  if (looks.length < REBUILDS) throw new Error('Nobody could look while the views were built anew.');
  const wrong = await verifyAll(place.databaseUrl, position);
  return [...checkWhole(looks), ...wrong.map((what) => ({ invariant: 'R1', what }))];
};

const beginnings = (project: string): object[][] => [
  Array.from({ length: TARGETS }, (_, n) => ({
    ...{ commandId: unique('make'), type: 'CreateTarget', project, target: `t${n}`, data: {} },
  })),
  ...Array.from({ length: BEFORE }, () => finishes(project, TARGETS, 0)),
];

const finishes = (project: string, count: number, from = Math.floor(Math.random() * TARGETS)): object[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ commandId: unique('finish'), type: 'FinishDeployment', project, target: `t${(from + n) % TARGETS}` },
    data: { version: unique('v'), commitRefs: [{ repository: 'web', branch: 'main', commit: 'abc1234' }] },
  }));

/** What is 503 was told to wait, and saw nothing. */
const look = async (place: Place, path: string, looks: Look[], least: number): Promise<void> => {
  const { status, body } = await callerOf(place).call<{ items: unknown[] }>(`${API}${path}`);
  if (status === 200) looks.push({ view: path.split('?')[0]!, rows: body.items.length, least });
  await pause(LOOK_MS);
};

/** As an operator does, beside the running service. */
const rebuildAll = ({ dist, databaseUrl }: Place): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl };
    execFile(process.execPath, [join(dist, 'apps/server/src/projections.js'), 'rebuild'], { env }, (error, _, told) =>
      error ? reject(new Error(`The views could not be built anew: ${told}`, { cause: error })) : resolve(),
    );
  });
