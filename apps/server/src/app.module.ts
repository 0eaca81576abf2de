import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { ScheduleModule } from '@nestjs/schedule';
import { Actors, CommandQueue, TargetCommandHandler } from '#commands';
import { EventStore, KeyReader, createPool, type Pool, type PoolOptions } from '#event-store';
import { ProjectionRunner, createLookups } from '#projections';
import { clock, Metrics, newId, startTracing, type Config, type Logger, type Tracing } from '#runtime';
import { facadeControllers, facadeParts } from './facades/controllers.js';
import { AuditController } from './http/audit/audit.controller.js';
import { AccessGuard } from './http/auth/access.guard.js';
import { ActorsController } from './http/auth/actors.controller.js';
import { TokenStore } from './http/auth/token-store.js';
import { TokensController } from './http/auth/tokens.controller.js';
import { Tokens } from './http/auth/tokens.js';
import { BatchController } from './http/commands/batch.controller.js';
import { BatchSender } from './http/commands/batch-sender.js';
import { CommandSender } from './http/commands/command-sender.js';
import { DeploymentCommandsController } from './http/commands/deployments.controller.js';
import { TargetCommandsController } from './http/commands/targets.controller.js';
import { Links } from './http/links.js';
import { Names } from './http/names.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ContractsController } from './http/system/contracts.controller.js';
import { Gauges } from './http/system/gauges.js';
import { HealthController } from './http/system/health.controller.js';
import { Lags } from './http/system/lags.js';
import { MetricsController } from './http/system/metrics.controller.js';
import { StatusController } from './http/system/status.controller.js';
import { Standing } from './http/system/standing.js';
import { DeploymentsController } from './http/views/deployments.controller.js';
import { DiffController } from './http/views/diff.controller.js';
import { EventsController } from './http/views/events.controller.js';
import { ExplainController } from './http/views/explain.controller.js';
import { LiveController } from './http/views/live.controller.js';
import { LiveStreams } from './http/views/live-streams.js';
import { LiveTail } from './http/views/live-tail.js';
import { EvidenceReader } from './http/views/evidence.js';
import { LogReader } from './http/views/log-reader.js';
import { OutcomesController } from './http/views/outcomes.controller.js';
import { Pages } from './http/views/pages.js';
import { ReportsController } from './http/views/reports.controller.js';
import { StreamReader } from './http/views/stream-reader.js';
import { TargetsController } from './http/views/targets.controller.js';
import { TimelinesController } from './http/views/timelines.controller.js';
import { Views } from './http/views/views.js';
import { Lifecycle } from './lifecycle.js';
import { observeWaist } from './observers.js';
import { CONFIG, LOG, LOG_POOL, LOOKUPS, PEOPLE_POOL, POOL, POOLS, TRACING, WORK_POOL } from './parts.js';

const READERS = 10;
const LOG_READERS = 4;
/** Somebody waits for each of them. */
const READ_MS = 5_000;
const WORKERS = 10;
const NAMERS = 3;

/** What every process serves, whatever its roles. */
const systemControllers = [HealthController, StatusController, MetricsController, ContractsController];
const apiControllers = [
  TargetCommandsController,
  DeploymentCommandsController,
  BatchController,
  TargetsController,
  DeploymentsController,
  DiffController,
  EventsController,
  LiveController,
  OutcomesController,
  TimelinesController,
  ExplainController,
  ReportsController,
  TokensController,
  ...facadeControllers,
  ActorsController,
  AuditController,
];

const poolOf =
  (name: string, size: Pick<PoolOptions, 'max' | 'statementTimeoutMs'>) =>
  ({ databaseUrl }: Config): Pool =>
    createPool({ connectionString: databaseUrl!, applicationName: `shiplog ${name}`, ...size });

/** What is made by hand, each from what stands before it. */
const parts: Provider[] = [
  {
    provide: TRACING,
    inject: [CONFIG, LOG],
    useFactory: ({ traces }: Config, log: Logger) => startTracing(traces, log),
  },
  {
    provide: EventStore,
    inject: [CONFIG, LOG],
    useFactory: ({ databaseUrl }: Config, log: Logger) =>
      EventStore.open({ connectionString: databaseUrl!, log, onClock: (...told) => clock.compare(...told) }),
  },
  { provide: POOL, inject: [CONFIG], useFactory: poolOf('reads', { max: READERS, statementTimeoutMs: READ_MS }) },
  { provide: LOG_POOL, inject: [CONFIG], useFactory: poolOf('log', { max: LOG_READERS, statementTimeoutMs: READ_MS }) },
  // Readers, however many, leave the loops their connections, and commands the names of who sends them.
  { provide: WORK_POOL, inject: [CONFIG], useFactory: poolOf('work', { max: WORKERS }) },
  {
    provide: PEOPLE_POOL,
    inject: [CONFIG],
    useFactory: poolOf('people', { max: NAMERS, statementTimeoutMs: READ_MS }),
  },
  {
    provide: POOLS,
    inject: [POOL, LOG_POOL, WORK_POOL, PEOPLE_POOL],
    useFactory: (reads: Pool, log: Pool, work: Pool, people: Pool) => ({ reads, log, work, people }),
  },
  {
    provide: KeyReader,
    inject: [CONFIG],
    useFactory: ({ databaseUrl }: Config) =>
      new KeyReader({
        connectionString: databaseUrl!,
        applicationName: 'shiplog lookups',
        statementTimeoutMs: READ_MS,
      }),
  },
  { provide: LOOKUPS, inject: [KeyReader], useFactory: createLookups },
  { provide: TokenStore, inject: [POOL], useFactory: (pool: Pool) => new TokenStore(pool) },
  { provide: Actors, inject: [PEOPLE_POOL], useFactory: (pool: Pool) => new Actors(pool) },
  {
    provide: CommandQueue,
    inject: [EventStore, LOG, Metrics, TRACING],
    useFactory: (store: EventStore, log: Logger, metrics: Metrics, tracing: Tracing) =>
      new CommandQueue({ store, newId, log, observer: observeWaist(metrics, tracing) }),
  },
  {
    provide: ProjectionRunner,
    inject: [EventStore, WORK_POOL, LOG],
    useFactory: (store: EventStore, pool: Pool, log: Logger) => new ProjectionRunner({ store, pool, log }),
  },
];

const http: Provider[] = [
  { provide: APP_GUARD, useClass: AccessGuard },
  { provide: APP_FILTER, useClass: ProblemFilter },
  BatchSender,
  CommandSender,
  Lifecycle,
  Links,
  LiveStreams,
  LiveTail,
  LogReader,
  StreamReader,
  EvidenceReader,
  Names,
  Pages,
  Gauges,
  Lags,
  Standing,
  Views,
  ...facadeParts,
];

/** The whole application. */
@Module({})
export class AppModule {
  /** `tokens` may be missing where nothing is started and the routes are only described. */
  static of(config: Config, log: Logger, tokens?: Tokens): DynamicModule {
    return {
      module: AppModule,
      imports: [CqrsModule.forRoot(), ScheduleModule.forRoot()],
      controllers: [...systemControllers, ...(config.roles.has('api') ? apiControllers : [])],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOG, useValue: log },
        { provide: Tokens, useValue: tokens },
        Metrics,
        ...parts,
        TargetCommandHandler,
        ...http,
      ],
    };
  }
}
