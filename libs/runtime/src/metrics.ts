import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * Everything that the service measures, on one page. Labels are closed sets (types, routes, names of views): no metric
 * ever names a project, for `/metrics` asks for no token.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly commands = this.counter(
    'shiplog_commands_total',
    'Commands answered, by type and outcome (accepted, the code of the rejection, reused, unavailable, error).',
    ['type', 'outcome'],
  );
  readonly commandsQueued = this.gauge('shiplog_commands_queued', 'Commands that wait for a batch.');
  readonly commandsUnanswered = this.gauge('shiplog_commands_unanswered', 'Commands taken in and not answered yet.');
  readonly batchSize = this.histogram(
    'shiplog_append_batch_size',
    'Commands in one call of the append function.',
    BATCH_SIZES,
  );
  readonly appendSeconds = this.histogram(
    'shiplog_append_duration_seconds',
    'How long one call of the append function took.',
    SECONDS,
  );
  readonly lag = this.gauge(
    'shiplog_lag_positions',
    'Positions of the log that a projection or relay has not reached yet.',
    ['kind', 'name'],
  );
  readonly lagSeconds = this.gauge(
    'shiplog_lag_seconds',
    'How long the oldest entry of the log that a projection or relay has not reached yet has been waiting.',
    ['kind', 'name'],
  );
  readonly loopHalted = this.gauge(
    'shiplog_loop_halted',
    '1 where a loop of this process, or a part of it, is halted until a person acts.',
    ['name'],
  );
  readonly inboxLag = this.gauge(
    'shiplog_inbox_lag_records',
    'Records of the commands topic, in the partitions of this process, that are not handled yet.',
  );
  readonly inboxRecords = this.counter('shiplog_inbox_records_total', 'Records of the commands topic handled.');
  readonly inboxRestarts = this.counter('shiplog_inbox_restarts_total', 'Times that the consumer was built anew.');
  readonly deadLetters = this.counter(
    'shiplog_dead_letters_total',
    'Records of the commands topic that went to the dead topic, by the code of the reason.',
    ['reason'],
  );
  readonly relayBatches = this.counter('shiplog_relay_batches_total', 'Batches that the broker acknowledged.', [
    'name',
  ]);
  readonly relayRecords = this.counter('shiplog_relay_records_total', 'Records that the broker acknowledged.', [
    'name',
  ]);
  readonly relayErrors = this.counter('shiplog_relay_errors_total', 'Times that publishing failed.', ['name']);
  readonly sealedEvents = this.counter('shiplog_sealed_events_total', 'Events that this process sealed.');
  readonly sealerErrors = this.counter('shiplog_sealer_errors_total', 'Times that sealing failed.');
  readonly timeOutLateness = this.histogram(
    'shiplog_timeout_lateness_seconds',
    'How long after its deadline, by the database clock, a time-out was found due.',
    SECONDS,
    ['kind'],
  );
  readonly httpSeconds = this.histogram(
    'shiplog_http_request_duration_seconds',
    'How long a request took, by route and status.',
    SECONDS,
    ['method', 'route', 'status'],
  );
  readonly liveStreams = this.gauge('shiplog_live_streams', 'Open streams of server-sent events.');
  readonly poolConnections = this.gauge(
    'shiplog_postgres_pool_connections',
    'Connections to PostgreSQL, by pool and state (idle, busy).',
    ['pool', 'state'],
  );
  readonly poolWaiting = this.gauge(
    'shiplog_postgres_pool_waiting',
    'Queries that wait for a connection of their pool.',
    ['pool'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  private counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<L extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }
}
