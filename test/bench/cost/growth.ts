import pg from 'pg';

import { migrate } from '#event-store';
import { viewNames } from '#projections';

import { migrations } from '../../../apps/server/src/server.js';
import { peakMegabytes, residentMegabytes } from '../../support/memory.js';
import { newRival, type Rival } from '../commands/contender.js';
import { analyze, Databases } from '../frame/database.js';
import { PROJECT, targetKey } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { Service } from '../frame/service.js';
import type { Watched } from '../frame/usage.js';
import type { RebuildMethods } from '../reads/rebuild-process.js';
import { figure, quantile, type Cost, type Figures } from './figures.js';
import { secondsOf } from './processes.js';
import { sizesOf } from './sizes.js';

const NAME = 'bench_cost_growth';
const MILLION = 1_000_000;
const whole = { targets: 200_000, events: 15 * MILLION, step: MILLION, asked: 2_000 };
const short = { targets: 1_000, events: 20_000, step: 5_000, asked: 20 };
const COMMANDS_PER_EVENT = 2 / 3;
const IN_FLIGHT = 2_000;
const PIECES = 10;
const WARM = 20_000;
/** Events, in one statement. */
const REPEATED = 500_000;

type Scale = typeof whole;

/**
 * Many events on many targets: what writing costs in a short log and in a long one, what building the views of many targets costs and what
 * reading them does. It takes long, so a run that was stopped is gone on with by the next; the database is dropped at the end.
 */
export const growth: Cost = async ({ databaseUrl: server, short: isShort }) => {
  const scale = isShort ? short : whole;
  const databaseUrl = await keep(server);
  await migrate(databaseUrl, migrations);
  const tables = await Databases.during(server, async ({ server: postgres }) => {
    const first = await written(databaseUrl, postgres, { ...scale, events: scale.step });
    const views =
      (await positionOf(databaseUrl)) < scale.events - scale.step ? await aboutViews(databaseUrl, postgres, scale) : [];
    await lengthen(databaseUrl, scale.events - scale.step);
    await analyze(databaseUrl);
    const last = await written(databaseUrl, postgres, scale);
    return [{ ...last, lines: [...first.lines, ...last.lines] }, ...views, await onDisk(databaseUrl)];
  });
  await onServer(server, `drop database ${NAME} with (force)`);
  return tables;
};

const aboutViews = async (databaseUrl: string, server: Watched, scale: Scale): Promise<Figures[]> => [
  await built(databaseUrl, server),
  await asked(databaseUrl, scale),
];

/** The address of the database, which is made where a run that was stopped has left none. */
async function keep(server: string): Promise<string> {
  const { rowCount } = await onServer(server, `select from pg_database where datname = '${NAME}'`);
  if (rowCount === 0) await onServer(server, `create database ${NAME}`);
  const url = new URL(server);
  url.pathname = NAME;
  return url.href;
}

async function onServer(connectionString: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client.query(statement).finally(() => client.end());
}

const positionOf = async (databaseUrl: string): Promise<number> =>
  Number((await onServer(databaseUrl, 'select position from log')).rows[0].position);

/** Of each million events: how fast, and what it took. */
const written = (databaseUrl: string, server: Watched, { targets, events, step }: Scale): Promise<Figures> =>
  withPeers(async (open) => {
    const lines: string[][] = [];
    let position = await positionOf(databaseUrl);
    // Of another seed come other commands than those of the run that was stopped.
    const waist = open(newRival('waist', databaseUrl, { targets, seed: 1 + position }));
    if (position === 0) position += (await waist.ask('prepare')).events;
    // What a waist that has just begun has to compile and to read is nobody's cost.
    else if (position < events) position += (await waist.ask('run', { commands: WARM, inFlight: IN_FLIGHT })).events;
    const watched = [server, { title: 'waist', pid: waist.pid }];
    while (position < events) {
      const upTo = Math.min(events, (Math.floor(position / step) + 1) * step);
      const line = await stretch(waist, watched, upTo - position);
      position += line.events;
      lines.push([figure(position), ...line.cells]);
      process.stderr.write(`  ${lines.at(-1)!.join('  ')}\n`);
    }
    const head = ['events', 'commands/s', 'us of Node a command', 'us of PostgreSQL'];
    const note = `Starts and finishes in turn on ${figure(targets)} targets drawn at random, through the waist, ${figure(IN_FLIGHT)} in flight; no view and no relay at work. Between the first million and the last the log was lengthened by SQL. What makes the commands is counted as Node's.`;
    return { title: 'Writing as the log grows', head, lines, note };
  });

/**
 * Repeats the log that there is, under other targets, until it is long enough: for an append it makes no difference how rows that
 * it does not look at came. No target of those has a state, so nothing can be sent to it.
 */
async function lengthen(databaseUrl: string, upTo: number): Promise<void> {
  for (let position = await positionOf(databaseUrl); position < upTo; position = await positionOf(databaseUrl)) {
    await onServer(databaseUrl, repeated(Math.min(REPEATED, position, upTo - position), position));
    process.stderr.write(`  lengthened to ${figure(position)}\n`);
  }
}

const repeated = (count: number, position: number): string => `
  do $$
  declare
    counter record;
    answered bigint;
  begin
    perform make_partitions();
    select * into counter from log for update;
    insert into events (position, recorded_at, occurred_at, id, version, stream, type, command_id, data, metadata)
    select position + ${position}, counter.recorded_at, occurred_at, gen_random_uuid(), version,
           stream || '-' || ${position}, type, command_id, data, metadata
      from events where position <= ${count};
    insert into commands (id_key, seq, position, recorded_at, version, stream, command_id, fingerprint, outcome)
    select gen_random_uuid(), counter.seq + row_number() over (order by seq), position + ${position}, counter.recorded_at, version,
           stream || '-' || ${position}, command_id, fingerprint, outcome
      from commands where position <= ${count};
    get diagnostics answered = row_count;
    update log set position = counter.position + ${count}, seq = counter.seq + answered;
  end $$`;

type Line = Readonly<{ events: number; cells: readonly string[] }>;

/** In pieces: what a run sends is made before its clock starts, and held. */
async function stretch(waist: Rival, watched: readonly Watched[], wanted: number): Promise<Line> {
  const piece = Math.max(1, Math.ceil((COMMANDS_PER_EVENT * wanted) / PIECES));
  let [commands, events, seconds] = [0, 0, 0];
  const { of } = await secondsOf(watched, async () => {
    while (events < wanted) {
      const run = await waist.ask('run', { commands: piece, inFlight: IN_FLIGHT });
      commands += run.commands;
      events += run.events;
      seconds += run.seconds;
    }
  });
  const spent = ['waist', 'PostgreSQL'].map((title) => figure((of(title) * 1e6) / commands));
  return { events, cells: [figure(commands / seconds), ...spent] };
}

/** One view after the other, from the first event. */
async function built(databaseUrl: string, server: Watched): Promise<Figures> {
  const events = await positionOf(databaseUrl);
  const lines: string[][] = [];
  for (const view of viewNames) {
    if (await stands(databaseUrl, view, events)) continue;
    lines.push(await buildLine(databaseUrl, server, view));
    process.stderr.write(`  ${lines.at(-1)!.join('  ')}\n`);
  }
  const head = ['view', 'events/s', 's of Node', 's of PostgreSQL', 'MB of Node at most'];
  const note = `${figure(events)} events; each view by itself in a process of its own.`;
  return { title: 'Building views', head, lines, note };
}

async function onDisk(databaseUrl: string): Promise<Figures> {
  const lines = (await sizesOf(databaseUrl)).map(({ table, rows, bytes, indexBytes }) => [
    table,
    ...[rows, (bytes + indexBytes) / 1e9, (bytes + indexBytes) / rows].map((each) => figure(each)),
  ]);
  return {
    title: 'What it takes on the disk',
    head: ['table', 'rows', 'GB', 'bytes a row'],
    lines,
    note: 'Indexes included.',
  };
}

/** Whether a run that was stopped has built it. */
async function stands(databaseUrl: string, view: string, events: number): Promise<boolean> {
  const statement = `select from checkpoints where name = 'projection:${view}' and position = ${events}`;
  return (await onServer(databaseUrl, statement)).rowCount === 1;
}

const buildLine = (databaseUrl: string, server: Watched, view: (typeof viewNames)[number]): Promise<string[]> =>
  withPeers(async (open) => {
    // A view that was never begun has no row yet.
    await onServer(databaseUrl, `insert into projections values ('${view}', 0) on conflict do nothing`);
    const builder = open(
      new Peer<RebuildMethods>(new URL('../reads/rebuild-process.js', import.meta.url), { args: [databaseUrl] }),
    );
    const watched = [server, { title: 'builder', pid: builder.pid }];
    const { result, of } = await secondsOf(watched, () => builder.ask('rebuild', view));
    const cells = [result, of('builder'), of('PostgreSQL'), peakMegabytes(builder.pid) ?? NaN];
    return [view, ...cells.map((each) => figure(each))];
  });

/** What one caller waits for reads of targets drawn in turn, one after the other. */
const asked = (databaseUrl: string, { targets, asked: count }: Scale): Promise<Figures> =>
  withPeers(async (open) => {
    const began = performance.now();
    const service = open(await Service.start({ databaseUrl, roles: 'api,projector,timekeeper' }));
    const started = (performance.now() - began) / 1_000;
    const middle = await recordedInTheMiddle(databaseUrl);
    const some = (index: number): string => targetKey((index * 7_919) % targets);
    const reads: Record<string, (index: number) => string> = {
      'what is current on a target': (index) => `/projects/${PROJECT}/targets/${some(index)}/current`,
      'the same in the middle of the log': (index) =>
        `/projects/${PROJECT}/targets/${some(index)}/current?at=${middle}`,
      'the history of a target': (index) => `/projects/${PROJECT}/targets/${some(index)}/deployments`,
      'a page of 200 of what is current': () => '/current?limit=200',
      'the same in the middle of the log, a page': () => `/current?limit=200&at=${middle}`,
      'a page of 200 events': (index) => `/events?limit=200&after=${index * 1_000}`,
    };
    const lines: string[][] = [];
    for (const [what, pathOf] of Object.entries(reads)) lines.push([what, ...(await times(service, pathOf, count))]);
    const note = `${count} of each by one caller over HTTP. The service took requests ${figure(started)} s after it was started, and holds ${figure(residentMegabytes(service.watched.pid) ?? NaN)} MB.`;
    return { title: 'Reading', head: ['read', 'p50 ms', 'p99 ms'], lines, note };
  });

async function times(service: Service, pathOf: (index: number) => string, count: number): Promise<string[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await service.get(pathOf(index));
    taken.push(performance.now() - began);
  }
  return [0.5, 0.99].map((share) => figure(quantile(taken, share)));
}

async function recordedInTheMiddle(databaseUrl: string): Promise<string> {
  const statement = 'select recorded_at from events where position = (select position / 2 from log)';
  return ((await onServer(databaseUrl, statement)).rows[0].recorded_at as Date).toISOString();
}
