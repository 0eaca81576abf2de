import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends one resource with its entity tag (by default made from its bytes), or 304 where the client has it already. */
export function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  resource: object,
  tag?: string,
): FastifyReply {
  const body = JSON.stringify(resource);
  const etag = `"${tag ?? createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  void reply.header('etag', etag);
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(body);
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
const isKnown = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === '*' || each === etag);
