import type { FastifyRequest } from 'fastify';
import { authorizationOf } from '../../facades/credentials.js';
import type { Identity } from './identity.js';
import type { Tokens } from './tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it; null only on the routes that ask for no token. */
    identity: Identity | null;
  }
}

/** Compared with the route that was matched, never with what the client wrote. */
const OPEN_ROUTES =
  /^\/(health(\/(live|ready))?|metrics|openapi\.json|asyncapi\.json|docs(\/.*)?|_edge\/tenant_info|oauth\/token)$/;

/**
 * Settles who sends a request, before anything else of it is looked at; false where this needs a token and has none.
 * At once where that is known. Nobody is asked on routes that need no token: they answer while the database is away.
 */
export function admit(request: FastifyRequest, tokens: Tokens): boolean | Promise<boolean> {
  if (isOpen(request)) return true;
  const found = tokens.identify(authorizationOf(request));
  return found instanceof Promise ? found.then((identity) => settle(request, identity)) : settle(request, found);
}

function settle(request: FastifyRequest, identity: Identity | undefined): boolean {
  request.identity = identity ?? null;
  return identity !== undefined;
}

/** Whether the route asks for no token. */
export const isOpen = (request: FastifyRequest): boolean =>
  !request.is404 && isOpenRoute(request.routeOptions?.url ?? '');

export const isOpenRoute = (route: string): boolean => OPEN_ROUTES.test(route);
