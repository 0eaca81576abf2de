import type { FastifyInstance } from 'fastify';
import { isTraceparent } from '#contracts';
import type { BeginSpan, Span } from '#runtime';
import { isOpen } from './auth/access.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the request, where somebody traces. */
    span: Span | null;
  }
}

/**
 * A span for each request whose sender is known, named by its route: keys stand in paths, and traces go to third parties.
 * What the request causes goes on from it, for its trace parent takes the place of the one that came.
 */
export function traceRequests(fastify: FastifyInstance, begin: BeginSpan): void {
  fastify.decorateRequest('span', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!isOpen(request)) {
      const { method, headers } = request;
      const route = request.routeOptions.url ?? 'unknown';
      const { traceparent } = headers;
      request.span = begin(`${method} ${route}`, {
        kind: 'server',
        parent: isTraceparent(traceparent) ? traceparent : undefined,
        attributes: { 'http.request.method': method, 'http.route': route },
      });
      headers['traceparent'] = request.span.traceparent;
    }
    done();
  });
  fastify.addHook('onResponse', ({ span }, { statusCode }, done) => {
    span?.end(statusCode < 500 ? undefined : `HTTP ${statusCode}`, { 'http.response.status_code': statusCode });
    done();
  });
}
