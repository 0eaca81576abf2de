import type { FastifyRequest } from 'fastify';
import { dialectOf } from './dialects.js';

const SCHEME = /^(?:bearer|token|jwt) +(.+)$/is;
const BASIC = /^basic +([\w+/=-]+) *$/i;
/** In the order in which they are looked at, after `Authorization`. */
const TOKEN_HEADERS = ['private-token', 'job-token'];

/**
 * The `Authorization` header as our own routes take it. Under the prefixes of a dialect the token may come by any scheme
 * that clients of the dialects use, and is the same token then. `Basic` may be meant for a proxy on the way: it counts last.
 */
export function authorizationOf(request: FastifyRequest): string | undefined {
  const dialect = dialectOf(request);
  const { authorization } = request.headers;
  if (!dialect) return authorization;
  const token =
    SCHEME.exec(authorization ?? '')?.[1] ??
    TOKEN_HEADERS.map((name) => request.headers[name]).find((value) => typeof value === 'string' && value !== '') ??
    tokenOfQuery(queryOf(request), dialect.tokenParameters) ??
    basicOf(authorization);
  return token ? `Bearer ${token}` : undefined;
}

const tokenOfQuery = (query: URLSearchParams, names: readonly string[] = []): string | null | undefined =>
  names.map((name) => query.get(name)).find(Boolean);

/** The token of a `Basic` header. */
export const basicOf = (authorization = ''): string | undefined => tokenOfBasic(BASIC.exec(authorization)?.[1]);

/** `user:token`, as git sends it, or `token:` and `token:x-oauth-basic`, as older scripts do. */
function tokenOfBasic(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('latin1'))!;
  return (password === '' || password === 'x-oauth-basic' ? user : password) || undefined;
}

/** The query as a dialect reads it: what it does not know is left alone. */
export const queryOf = ({ raw }: FastifyRequest): URLSearchParams =>
  new URLSearchParams(raw.url!.includes('?') ? raw.url!.slice(raw.url!.indexOf('?') + 1) : '');
