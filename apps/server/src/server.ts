import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Actors, CommandQueue, commandsMigrations } from '#commands';
import { compileBodies } from '#contracts';
import {
  EventStore,
  KeyReader,
  createPool,
  eventStoreMigrations,
  mayChangeEvents,
  migrate,
  type Pool,
} from '#event-store';
import { kafkaMigrations } from '#kafka';
import { ProjectionRunner, projectionsMigrations } from '#projections';
import {
  ConfigError,
  Metrics,
  createLogger,
  keepHeapSmall,
  type Config,
  type Logger,
  type StopStep,
  type Tracing,
} from '#runtime';
import { AppModule } from './app.module.js';
import { answerInDialects } from './facades/answers.js';
import { createAdapter } from './http/adapter.js';
import { keptAdminToken } from './http/auth/admin-token.js';
import { refuseUndeclared } from './http/auth/declared.js';
import { Issuers } from './http/auth/issuers.js';
import { TokenStore } from './http/auth/token-store.js';
import { Tokens } from './http/auth/tokens.js';
import { secureAnswers } from './http/headers.js';
import { limitRequests } from './http/limits.js';
import { Traffic } from './http/traffic.js';
import { LiveStreams } from './http/views/live-streams.js';
import { awaitPositions } from './http/views/reads.js';
import { Views } from './http/views/views.js';
import { Lifecycle } from './lifecycle.js';
import { loopsOf, type Loop, type LoopParts } from './loops.js';
import { NestLog } from './nest-log.js';
import { LOG, POOLS, TRACING, WORK_POOL } from './parts.js';
import { stopInStages, type Stage } from './stop.js';

/** What supervisors grant before they kill is 30 seconds as a rule. */
const STOP_MS = 25_000;

/** `close` stops in order and within half a minute: it always resolves. */
export type RunningServer = Readonly<{ url: string; adminToken: string; close(): Promise<void> }>;

const serverMigrations = { name: 'server', folder: new URL('../migrations/', import.meta.url) };
/** The tables of all libs and of the server, in the order in which they build on each other. */
export const migrations = [
  eventStoreMigrations,
  commandsMigrations,
  projectionsMigrations,
  kafkaMigrations,
  serverMigrations,
];

/** Starts the service with the roles of its configuration, which must name a database; resolves when it takes requests. */
export async function startServer(config: Config, log: Logger = createLogger()): Promise<RunningServer> {
  keepHeapSmall();
  if (config.databaseUrl === undefined) throw new ConfigError('DATABASE_URL must be given.');
  const adminToken = config.adminToken ?? (await keptAdminToken(config.dataDir));
  await migrate(config.migrationDatabaseUrl ?? config.databaseUrl, migrations, config.databaseUrl);
  compileBodies();
  const issuers = new Issuers(config.oidcIssuers);
  const tokens = new Tokens(adminToken, new TokenStore(tokenPool(config.databaseUrl)), issuers);
  const app = await createApp(config, tokens, log);
  const traffic = new Traffic(app.get(Metrics));
  const close = once(() => stop(app, traffic, log));
  try {
    const url = await serve(app, traffic, config);
    await tellOfRights(app.get<Pool>(WORK_POOL), log);
    log.info({ url, roles: [...config.roles].join(',') }, 'Listening');
    return { url, adminToken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function tellOfRights(pool: Pool, log: Logger): Promise<void> {
  if (!(await mayChangeEvents(pool))) return;
  log.info({}, 'The role of the service owns the log and so may change it: MIGRATION_DATABASE_URL parts the two.');
}

/** Few connections, and no others': who sends a request is known however many read. */
const tokenPool = (connectionString: string): Pool =>
  createPool({ connectionString, applicationName: 'shiplog tokens', max: 3, statementTimeoutMs: 5_000 });

async function createApp(config: Config, tokens: Tokens, log: Logger): Promise<NestFastifyApplication> {
  const adapter = createAdapter(tokens, log);
  return NestFactory.create<NestFastifyApplication>(AppModule.of(config, log, tokens), adapter, {
    logger: new NestLog(log),
    bodyParser: false,
    abortOnError: false,
  });
}

async function serve(app: NestFastifyApplication, traffic: Traffic, config: Config): Promise<string> {
  const fastify = app.getHttpAdapter().getInstance();
  traffic.watch(fastify, app.get<Tracing>(TRACING));
  await secureAnswers(fastify, config.publicUrl);
  if (config.rateLimit !== undefined) await limitRequests(fastify, config.rateLimit);
  awaitPositions(fastify, app.get(Views));
  answerInDialects(fastify);
  await app.init();
  refuseUndeclared(app);
  const lifecycle = app.get(Lifecycle);
  lifecycle.loops = loopsOf(partsOf(app, config));
  for (const { start } of lifecycle.loops) await start();
  await listen(app, config);
  lifecycle.serving = true;
  return urlOf(config.host, (app.getHttpServer().address() as AddressInfo).port);
}

async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<void> {
  try {
    // Nest would write a line of its own about an error that is thrown as well.
    await app.getHttpAdapter().getInstance().listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError(`PORT ${port} is taken on ${host}: another one must be given, or 0 for any that is free.`);
  }
}

const partsOf = (app: NestFastifyApplication, config: Config): LoopParts => ({
  config,
  log: app.get<Logger>(LOG),
  metrics: app.get(Metrics),
  tracing: app.get<Tracing>(TRACING),
  store: app.get(EventStore),
  pool: app.get<Pool>(WORK_POOL),
  projections: app.get(ProjectionRunner),
  queue: app.get(CommandQueue),
  actors: app.get(Actors),
  bus: app.get(CommandBus),
  scheduler: app.get(SchedulerRegistry),
});

/** Unready, take nothing more in, drain the waist, end the loops, close what they used. */
async function stop(app: NestFastifyApplication, traffic: Traffic, log: Logger): Promise<void> {
  const lifecycle = app.get(Lifecycle);
  lifecycle.serving = false;
  const { loops } = lifecycle;
  const bringing = loops.filter(({ role }) => role === 'consumer' || role === 'timekeeper');
  const following = loops.filter((loop) => !bringing.includes(loop));
  const ends = (those: readonly Loop[]): StopStep[] =>
    those.map(({ name, stop: run }) => ({ name, withinMs: 10_000, run }));
  const stages: Stage[] = [
    [
      ...ends(bringing),
      { name: 'streams', withinMs: 1_000, run: async () => app.get(LiveStreams).end() },
      { name: 'requests', withinMs: 10_000, run: () => traffic.end(app.getHttpAdapter().getInstance()) },
    ],
    [{ name: 'commands', withinMs: 10_000, run: () => app.get(CommandQueue).drain() }],
    ends(following),
    [{ name: 'http', withinMs: 5_000, run: () => app.close() }],
    [
      { name: 'event store', withinMs: 5_000, run: () => app.get(EventStore).close() },
      ...Object.values(app.get<Readonly<Record<string, Pool>>>(POOLS)).map((pool) => ({
        name: 'pool',
        withinMs: 5_000,
        run: () => pool.end(),
      })),
      { name: 'lookups', withinMs: 5_000, run: () => app.get(KeyReader).close() },
      { name: 'tokens', withinMs: 5_000, run: () => app.get(Tokens).close() },
      { name: 'traces', withinMs: 5_000, run: () => app.get<Tracing>(TRACING).close() },
    ],
  ];
  const clean = await stopInStages(stages, STOP_MS, log);
  log.info({ clean }, 'Stopped');
}

const once = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let done: Promise<T> | undefined;
  return () => (done ??= work());
};

/** Where to reach it from this machine. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
