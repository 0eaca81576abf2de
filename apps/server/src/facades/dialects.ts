import type { FastifyRequest } from 'fastify';
import { API } from '../http/links.js';
import { cdevents } from './cdevents/dialect.js';
import type { Dialect } from './dialect.js';
import { devlake } from './devlake/dialect.js';
import { github } from './github/dialect.js';
import { gitlab } from './gitlab/dialect.js';
import { jira } from './jira/dialect.js';
import { space } from './space/dialect.js';
import { versioner } from './versioner/dialect.js';

export const dialects: readonly Dialect[] = [github, gitlab, jira, space, versioner, cdevents, devlake];

/** Of the routes that there are: each request asks several times. */
const ofRoutes = new Map<string, Dialect | undefined>();

/** The dialect in which a request is sent: by the route that was matched, else by how its path begins. */
export function dialectOf(request: FastifyRequest): Dialect | undefined {
  const route = request.is404 ? undefined : request.routeOptions?.url;
  if (route === undefined) return dialectAt(request.raw.url!.split('?', 1)[0]!);
  if (!ofRoutes.has(route)) ofRoutes.set(route, dialectAt(route));
  return ofRoutes.get(route);
}

function dialectAt(path: string): Dialect | undefined {
  // Most requests are not a dialect's, and need not be compared with all of them.
  if (path.startsWith(API)) return undefined;
  return dialects.find(({ prefixes }) => prefixes.some((prefix) => isBelow(path, prefix)));
}

const isBelow = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');

/** The path that a request is routed by: those of dialects may end in a slash, which is never a redirect. */
export function routedAs(url: string): string {
  const end = url.indexOf('?') === -1 ? url.length : url.indexOf('?');
  if (end < 2 || url[end - 1] !== '/') return url;
  const path = url.slice(0, end - 1);
  return dialectAt(path) ? `${path}${url.slice(end)}` : url;
}
