import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_BYTES, badInput } from '#contracts';
import type { Logger } from '#runtime';
import { routedAs } from '../facades/dialects.js';
import { admit } from './auth/access.js';
import type { Tokens } from './auth/tokens.js';
import { readBodies } from './body.js';
import { readCommands } from './commands/read-command.js';
import { readQueries } from './views/reads.js';
import { PROBLEM_JSON, ofStatus, unauthorized } from './problem.js';
import { sendProblem } from './problem.filter.js';

/**
 * How long the headers of a request, and all of it, may take to come, and how often that is looked at; and how long an answer may
 * stand still that its client does not take.
 */
export const deadlines = { headersMs: 10_000, requestMs: 30_000, checkMs: 1_000, stalledMs: 300_000 };
/** Above what load balancers keep a connection open for, so that they close it first. */
const KEEP_ALIVE_MS = 72_000;
/** Longer than any path that fits into the headers: which keys there may be is not the router's to say. */
const MAX_PARAM = 16_384;

/** Fastify as Nest drives it: limits, bodies, and who sends a request settled before all else. */
export function createAdapter(tokens: Tokens, log: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BYTES,
    requestTimeout: deadlines.requestMs,
    connectionTimeout: deadlines.stalledMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM, ignoreTrailingSlash: false },
    rewriteUrl: ({ url }: { url?: string | undefined }) => routedAs(pathOf(url!)),
    // A request without a Host gets our own answer, not Node's bare one.
    http: {
      headersTimeout: deadlines.headersMs,
      connectionsCheckingInterval: deadlines.checkMs,
      requireHostHeader: false,
    },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      whenAdmitted(request, tokens, (refusal) => sendProblem(refusal ?? told(error), request, reply, log)),
    clientErrorHandler: refuseUnparsed,
  });
  const fastify = adapter.getInstance();
  fastify.decorateRequest('identity', null);
  readBodies(fastify);
  readCommands(fastify);
  readQueries(fastify);
  // Node would refuse what is expected beside `100-continue` by itself, token or not; nobody need meet it (RFC 9110, 10.1.1).
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));
  adapter.setOnRequestHook((request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
    whenAdmitted(request, tokens, done);
  });
  return adapter;
}

/** What Fastify refuses before a route is looked for. */
const told = (error: unknown): unknown =>
  (error as { code?: unknown }).code === 'FST_ERR_BAD_URL' ? badInput('path', 'must be percent-encoded UTF-8') : error;

/** As a proxy is asked, the whole address may stand there (RFC 9112, 3.2.2). */
const pathOf = (url: string): string => (url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*\/?/i, '/'));

/** Goes on at once where the sender is known: most requests wait for nothing here. */
function whenAdmitted(request: FastifyRequest, tokens: Tokens, goOn: (refusal?: Error) => void): void {
  const decide = (admitted: boolean): void => goOn(admitted ? undefined : unauthorized());
  const admitted = admit(request, tokens);
  if (typeof admitted === 'boolean') decide(admitted);
  else admitted.then(decide, goOn);
}

/** Bytes that are no HTTP, headers that are too large or late: Node has no request for them, only a socket. */
function refuseUnparsed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = ofStatus(status).body();
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end([...head, 'Connection: close', '', body].join('\r\n'));
}
