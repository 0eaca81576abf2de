import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { isOpen } from './auth/access.js';
import { Problem } from './problem.js';

const MINUTE = 60_000;
/** As many are counted at a time; beyond that, who sent nothing for longest begins anew. */
const TOKENS = 100_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the count of its token stands, where requests are limited. */
    quota?: Readonly<{ limit: number; remaining: number; resetsInSeconds: number }>;
  }
}

/** So many requests a minute for each token, whatever the route; those that need no token are not counted. */
export async function limitRequests(fastify: FastifyInstance, max: number): Promise<void> {
  await fastify.register(rateLimit, { global: false, cache: TOKENS });
  const count = fastify.createRateLimit({
    max,
    timeWindow: MINUTE,
    keyGenerator: ({ identity }) => identity!.tokenId,
  });
  fastify.addHook('onRequest', async (request) => {
    if (request.identity === null || isOpen(request)) return;
    const counted = await count(request);
    if (!counted.isAllowed)
      request.quota = { limit: counted.max, remaining: counted.remaining, resetsInSeconds: counted.ttlInSeconds };
    if (counted.isAllowed || !counted.isExceeded) return;
    throw new Problem('too_many_requests', `The token may send ${max} requests a minute.`, {
      headers: { 'retry-after': String(counted.ttlInSeconds) },
    });
  });
}
