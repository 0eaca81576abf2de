import { setTimeout as sleep } from 'node:timers/promises';

import { residentMegabytes } from '../../support/memory.js';
import { Databases } from '../frame/database.js';
import { fill, PROJECT, targetKey } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { Service, TOKEN } from '../frame/service.js';
import type { CrowdMethods, Seen } from './crowd-process.js';
import { figure, quantile, type Cost } from './figures.js';
import { secondsOf } from './processes.js';

const TARGETS = 100;
const TOKENS = 10;
const SETTLE_MS = 3_000;
const PER_SECOND = 5;
/** How often somebody else sends a command meanwhile: one that is rejected, so that nobody is told of it. */
const MEANWHILE_MS = 20;

type Scale = Readonly<{ crowds: readonly number[]; idleMs: number; commands: number }>;
/** As long as it takes until each has got one comment. */
const whole: Scale = { crowds: [0, 1_000, 5_000], idleMs: 15_000, commands: 60 };
const short: Scale = { crowds: [0, 50], idleMs: 1_000, commands: 5 };

type Crowd = Peer<CrowdMethods>;
type Answered = Readonly<{ sentAt: number; position: number }>;

/** What clients that follow the log live cost the service: while nothing happens, and when something does. */
export const live: Cost = (settings) =>
  Databases.during(settings.databaseUrl, (databases) =>
    withPeers(async (open) => {
      const databaseUrl = await databases.create('cost_live');
      await fill(databaseUrl, TARGETS, 1);
      const service = open(await Service.start({ databaseUrl, roles: 'api,projector,timekeeper' }));
      const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, index) => newToken(service, index)));
      const crowd = open(
        new Peer<CrowdMethods>(new URL('./crowd-process.js', import.meta.url), { args: [service.url.href, ...tokens] }),
      );
      const scale = settings.short ? short : whole;
      // What is compiled, and the views that are built, at the beginning is nobody's cost.
      await report(service, scale.commands);
      const lines: string[][] = [];
      let alone: (Stood & Readonly<{ answered: Answering }>) | undefined;
      for (const clients of scale.crowds) {
        await crowd.ask('grow', clients);
        await sleep(SETTLE_MS);
        const stood = await standing(service, scale);
        const answered = await answering(service, scale);
        const lasts = clients === 0 ? [] : await everybody(crowd, answered.result.answered, clients);
        alone ??= { ...stood, answered };
        lines.push([
          clients.toLocaleString('en'),
          ...aboutIdle(clients, stood, alone),
          ...aboutEvents({ clients, answered, alone: alone.answered, lasts }),
        ]);
      }
      const lost = await crowd.ask('lost');
      if (lost > 0) throw new Error(`${lost} streams were cut.`);
      const head = ['clients', 'MB held', 'kB a client', 'cores idle', 'idle us a client and s'];
      const more = [
        'a command meanwhile, p50 ms',
        'p99 ms',
        'the last client has it after, p50 ms',
        'p99 ms',
        'us a client and command',
      ];
      const note = `Streams of all projects over ${TOKENS} tokens; ${scale.idleMs / 1_000} s in which nothing happens, then ${scale.commands} successes, ${PER_SECOND} a second, two events each; from sending such a command until the last client has its events. A command meanwhile is one of somebody else, every ${MEANWHILE_MS} ms. The service takes ${service.megabytes} MB at most.`;
      return [{ title: 'Clients that follow the log', head: [...head, ...more], lines, note }];
    }),
  );

type Stood = Readonly<{ megabytes: number; cores: number }>;

/** What the service takes while nothing happens. */
async function standing(service: Service, { idleMs }: Scale): Promise<Stood> {
  const megabytes = residentMegabytes(service.watched.pid) ?? NaN;
  const idle = await secondsOf([service.watched], () => sleep(idleMs));
  return { megabytes, cores: idle.of('service') / idle.wall };
}

const answering = (service: Service, { commands }: Scale) =>
  secondsOf([service.watched], () => report(service, commands));

const aboutIdle = (clients: number, stood: Stood, alone: Stood): string[] => [
  figure(stood.megabytes),
  clients === 0 ? '' : figure(((stood.megabytes - alone.megabytes) * 1_024) / clients),
  stood.cores.toFixed(3),
  clients === 0 ? '' : figure(((stood.cores - alone.cores) * 1e6) / clients),
];

type Answering = Awaited<ReturnType<typeof answering>>;
type Happened = Readonly<{ clients: number; answered: Answering; alone: Answering; lasts: readonly Seen[] }>;

function aboutEvents({ clients, answered: { result, of }, alone, lasts }: Happened): string[] {
  const waits = [figure(quantile(result.waits, 0.5)), figure(quantile(result.waits, 0.99))];
  if (clients === 0) return [...waits, '', '', ''];
  const { answered } = result;
  const times = lasts.map(({ at }, index) => at - answered[index]!.sentAt);
  return [
    ...waits,
    figure(quantile(times, 0.5)),
    figure(quantile(times, 0.99)),
    figure(((of('service') - alone.of('service')) * 1e6) / clients / answered.length),
  ];
}

type Reported = Readonly<{ answered: readonly Answered[]; waits: readonly number[] }>;

/** Successes at a steady pace, one after the other, and how many milliseconds each command of somebody else waits meanwhile. */
async function report(service: Service, commands: number): Promise<Reported> {
  const answered: Answered[] = [];
  const waits: Promise<number>[] = [];
  const meanwhile = setInterval(() => waits.push(waitOf(service)), MEANWHILE_MS);
  try {
    const began = performance.now();
    for (let count = 0; count < commands; count += 1) {
      await sleep(Math.max(0, began + (1_000 * count) / PER_SECOND - performance.now()));
      const sentAt = performance.timeOrigin + performance.now();
      const { position } = await finish(service, count);
      answered.push({ sentAt, position });
    }
  } finally {
    clearInterval(meanwhile);
  }
  return { answered, waits: await Promise.all(waits) };
}

async function finish(service: Service, count: number): Promise<{ position: number }> {
  const path = `/projects/${PROJECT}/targets/${targetKey(count % TARGETS)}/finish`;
  const response = await post(service, path, { version: `2.${count}.0` });
  if (response.status !== 201) throw new Error(`${path}: ${JSON.stringify(response.body)}`);
  return response.body as { position: number };
}

async function waitOf(service: Service): Promise<number> {
  const began = performance.now();
  const { status } = await post(service, `/projects/${PROJECT}/targets/${targetKey(TARGETS - 1)}/cancel`, {});
  if (status !== 409) throw new Error(`There was something to cancel: ${status}`);
  return performance.now() - began;
}

/** When the last one got the last event of each command; waits until all have all of them. */
async function everybody(crowd: Crowd, answered: readonly Answered[], clients: number): Promise<Seen[]> {
  const positions = answered.map(({ position }) => position);
  for (let tries = 0; tries < 100; tries += 1) {
    const seen = await crowd.ask('seen', positions);
    if (seen.every((each) => each.clients === clients)) return seen;
    await sleep(100);
  }
  throw new Error('Not every client got every event.');
}

async function newToken(service: Service, index: number): Promise<string> {
  const asked = { name: `reader-${index}`, scopes: ['deployments:read'], projects: ['*'] };
  return ((await post(service, '/tokens', asked)).body as { token: string }).token;
}

async function post(service: Service, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(`/api/v1${path}`, service.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
