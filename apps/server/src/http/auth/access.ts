import type { FastifyRequest } from 'fastify';
import type { Identity } from './identity.js';
import type { Tokens } from './tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it; null only on the routes that ask for no token. */
    identity: Identity | null;
  }
}

/** Compared with the route that was matched, never with what the client wrote. */
const OPEN_ROUTES = /^\/(health\/(live|ready)|metrics|openapi\.json|asyncapi\.json|docs(\/.*)?)$/;

/** Settles who sends a request, before anything else of it is looked at; false where this needs a token and has none. */
export function admit(request: FastifyRequest, tokens: Tokens): boolean {
  request.identity = tokens.identify(request.headers.authorization) ?? null;
  return request.identity !== null || isOpen(request);
}

/** Whether the route asks for no token. */
export const isOpen = (request: FastifyRequest): boolean =>
  !request.is404 && OPEN_ROUTES.test(request.routeOptions?.url ?? '');
