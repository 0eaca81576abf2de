import type { FastifyInstance } from 'fastify';
import type { Metrics, Tracing } from '#runtime';
import { traceRequests } from './tracing.js';

const LOOK_MS = 20;

/** The requests under way: measured, and waited for at the end. */
export class Traffic {
  private ending = false;

  constructor(private readonly metrics: Metrics) {}

  watch(fastify: FastifyInstance, { begin }: Tracing): void {
    if (begin) traceRequests(fastify, begin);
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      // Whoever keeps the connection for more would find it closed.
      if (this.ending) void reply.header('connection', 'close');
      done();
    });
    fastify.addHook('onResponse', ({ method, routeOptions }, reply, done) => {
      const labels = { method, route: routeOptions.url ?? 'unknown', status: reply.statusCode };
      this.metrics.httpSeconds.observe(labels, reply.elapsedTime / 1_000);
      done();
    });
  }

  /** Takes no new connections, and resolves when every request that was let in has its answer and its connection is closed. */
  async end({ server }: FastifyInstance): Promise<void> {
    this.ending = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
    try {
      await closed;
    } finally {
      clearInterval(idle);
    }
  }
}
