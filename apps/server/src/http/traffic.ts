import type { FastifyInstance } from 'fastify';
import type { Metrics } from '#runtime';

/** The requests under way: measured, and waited for at the end. */
export class Traffic {
  private underWay = 0;
  private ending = false;
  private whenNone: (() => void) | undefined;

  constructor(private readonly metrics: Metrics) {}

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (_request, reply, done) => {
      this.underWay += 1;
      reply.raw.once('close', () => this.left());
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

  /** Takes no new connections, and resolves when every request that was let in has its answer. */
  async end({ server }: FastifyInstance): Promise<void> {
    this.ending = true;
    server.close();
    server.closeIdleConnections();
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.whenNone = resolve));
  }

  private left(): void {
    this.underWay -= 1;
    if (this.underWay === 0) this.whenNone?.();
  }
}
