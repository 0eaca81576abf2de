import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * Everything that the service measures, on one page. Labels are closed sets (types, routes, names of views): no metric
 * ever names a project, for `/metrics` asks for no token.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly commands = new Counter({
    name: 'shiplog_commands_total',
    help: 'Commands answered, by type and outcome (accepted, the code of the rejection, reused, unavailable).',
    labelNames: ['type', 'outcome'],
    registers: [this.registry],
  });
  readonly batchSize = new Histogram({
    name: 'shiplog_append_batch_size',
    help: 'Commands in one call of the append function.',
    buckets: BATCH_SIZES,
    registers: [this.registry],
  });
  readonly appendSeconds = new Histogram({
    name: 'shiplog_append_seconds',
    help: 'How long one call of the append function took.',
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly lag = new Gauge({
    name: 'shiplog_lag_positions',
    help: 'Positions of the log that a projection or relay has not reached yet.',
    labelNames: ['kind', 'name'],
    registers: [this.registry],
  });
  readonly timeOutLateness = new Histogram({
    name: 'shiplog_timeout_lateness_seconds',
    help: 'How long after its deadline, by the database clock, a time-out was sent.',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  readonly httpSeconds = new Histogram({
    name: 'shiplog_http_request_seconds',
    help: 'How long a request took, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
