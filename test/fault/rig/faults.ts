import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { CuttingProxy } from '../../support/cutting-proxy.js';
import { until } from '../../support/until.js';
import type { Span } from '../checkers/index.js';
import type { Fleet } from './fleet.js';
import type { Fault, Kind } from './plan.js';
import type { Servers } from './servers.js';
import type { Watch } from './watch.js';

const CUTS_MS = 250;
const TERMINATE_MS = 1_000;
const HELD_MS = 500;
const READERS = 50;
const READY_MS = 30_000;
const RECOVERED_WITHIN_MS = 120_000;

export type Stage = Readonly<{
  servers: Servers;
  fleet: Fleet;
  watch: Watch;
  env: (replica: number) => Record<string, string>;
  token: string;
}>;

/** Does it, for so long, and undoes it. */
type Deed = (stage: Stage, fault: Fault) => Promise<void>;

const deeds: Readonly<Record<Kind, Deed>> = {
  kill: (stage, { replica }) => kill(stage, replica),
  'kill-all': async (stage) => {
    await Promise.all(stage.fleet.members.map(({ number }) => kill(stage, number)));
  },
  stop: async ({ fleet }, { replica, seconds }) => {
    const member = fleet.members[replica]!;
    member.signal('SIGSTOP');
    await pause(seconds * 1_000);
    member.signal('SIGCONT');
  },
  rolling: async ({ servers, fleet, watch }) => {
    for (const { number } of fleet.members) {
      const way = servers.ways.postgres[number]!;
      // So that it has taken something in, and cannot answer that at once.
      way.hang();
      await pause(HELD_MS);
      const ended = fleet.terminate(number);
      await pause(HELD_MS);
      way.heal();
      await ended;
      await pause(HELD_MS);
      await untilReady(watch, number);
    }
  },
  rebalance: ({ fleet, env }, { seconds }) =>
    fleet.withAnother({ ...env(0), SHIPLOG_ROLES: 'consumer' }, () => pause(2_000 + seconds * 1_000)),
  'postgres-crash': async ({ servers }, { seconds }) => {
    await servers.crashPostgres();
    await pause(seconds * 1_000);
    await servers.startPostgres();
  },
  'postgres-backend': async ({ watch }) => {
    const { rows } = await watch.pool.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name like 'shiplog%' order by md5(application_name)`,
    );
    // PostgreSQL ends all others with it, and recovers.
    rows.some(({ pid }) => isKilled(pid));
    await untilAnswers(watch);
  },
  'postgres-terminate': async ({ watch }, { seconds }) => {
    for (let passed = 0; passed < seconds * 1_000; passed += TERMINATE_MS) {
      await watch.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'shiplog%'`,
      );
      await pause(TERMINATE_MS);
    }
  },
  'postgres-cut': ({ servers }, fault) => cut(servers.ways.postgres[fault.replica]!, fault),
  'postgres-hang': ({ servers }, fault) => hang(servers.ways.postgres[fault.replica]!, fault),
  'postgres-deaf': ({ servers }, fault) => deafen(servers.ways.postgres[fault.replica]!, fault),
  'broker-kill': async ({ servers }, { seconds }) => {
    await servers.killBroker();
    await pause(seconds * 1_000);
    await servers.startBroker();
  },
  'broker-cut': ({ servers }, fault) => cut(servers.ways.kafka, fault),
  'broker-hang': ({ servers }, fault) => hang(servers.ways.kafka, fault),
  'broker-deaf': ({ servers }, fault) => deafen(servers.ways.kafka, fault),
  'disk-full': async ({ servers, watch }, { seconds }) => {
    await servers.fillDisk();
    await pause(seconds * 1_000);
    await servers.freeDisk();
    await untilAnswers(watch);
  },
  'slow-readers': async ({ fleet, token }, { replica, seconds }) => {
    const url = fleet.members[replica]!.running?.url;
    if (url === undefined) return;
    const sockets = Array.from({ length: READERS }, () => neverRead(new URL(url), token));
    await pause(seconds * 1_000);
    for (const socket of sockets) socket.destroy();
  },
  'long-transaction': async ({ servers }, { seconds }) => {
    const client = new pg.Client({ connectionString: servers.databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('create table if not exists elsewhere (n int); begin; insert into elsewhere values (1)');
    await pause(seconds * 1_000);
    await client.query('rollback');
    await client.end();
  },
};

/** Injects the fault, holds it, and heals it; resolves when it is healed, and answers from when to when it was there. */
export const suffer = async (stage: Stage, fault: Fault): Promise<Span> => {
  await pause(fault.afterMs);
  const start = Date.now();
  await deeds[fault.kind](stage, fault);
  return { start, end: Date.now() };
};

/** Where it recovers by itself it answers some time after what was done to it. */
const untilAnswers = ({ pool }: Watch): Promise<unknown> => {
  const answers = () =>
    pool.query('select 1').then(
      () => true,
      () => false,
    );
  return until(answers, () => 'PostgreSQL does not answer', RECOVERED_WITHIN_MS);
};

/** Whether there was such a process to kill. */
function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function kill({ fleet, watch }: Stage, replica: number): Promise<void> {
  const pid = await fleet.kill(replica);
  await watch.died(pid);
}

async function untilReady(watch: Watch, replica: number): Promise<void> {
  const late = performance.now() + READY_MS;
  while (watch.readySince()[replica] === undefined && performance.now() < late) await pause(50);
}

async function cut(way: CuttingProxy, { seconds }: Fault): Promise<void> {
  for (let passed = 0; passed <= seconds * 1_000; passed += CUTS_MS) {
    way.cut();
    await pause(CUTS_MS);
  }
}

async function hang(way: CuttingProxy, { seconds }: Fault): Promise<void> {
  way.hang();
  await pause(seconds * 1_000);
  way.heal();
}

async function deafen(way: CuttingProxy, { seconds }: Fault): Promise<void> {
  way.deafen();
  await pause(seconds * 1_000);
  way.heal();
}

/** Follows all of the log, and takes nothing of it. */
function neverRead({ hostname, port }: URL, token: string): Socket {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `GET /api/v1/events/live HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nLast-Event-ID: 0\r\n\r\n`,
  );
  return socket.pause();
}
