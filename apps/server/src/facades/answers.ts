import type { FastifyInstance } from 'fastify';
import { dialectOf } from './dialects.js';

/** Puts the headers of its dialect on each answer of a dialect, refusals included. */
export function answerInDialects(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    void reply.headers(dialectOf(request)?.headers?.(request) ?? {});
    done();
  });
}
