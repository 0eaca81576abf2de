import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends one resource with its entity tag (by default made from its bytes), or 304 where the client has it already. */
export const sendResource = (
  request: FastifyRequest,
  reply: FastifyReply,
  resource: object,
  tag?: string,
): FastifyReply => sendText(request, reply, JSON.stringify(resource), tag);

/** The same of a resource that is JSON text already. */
export function sendText(request: FastifyRequest, reply: FastifyReply, body: string, tag?: string): FastifyReply {
  const etag = `"${tag ?? hash('sha256', body, 'base64url').slice(0, 22)}"`;
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
