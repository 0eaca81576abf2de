import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { callOf } from '../../apps/server/src/http/parameters.js';

/** A route as the router of the application has it; `query` is what a read takes. */
export type Route = Readonly<{ method: string; url: string; query: readonly string[]; command?: string }>;

/** What comes to stand in the routers of the applications that start while `work` runs: no list that could be forgotten. */
export async function routesWhile<T>(work: () => Promise<T>): Promise<{ made: T; routes: readonly Route[] }> {
  const routes: Route[] = [];
  const watch = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (options) => void routes.push(...routesOf(options)));
  };
  subscribe('fastify.initialization', watch);
  try {
    return { made: await work(), routes };
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
}

const routesOf = ({ method, url, config }: RouteOptions): Route[] =>
  [method].flat().map((each) => ({
    method: each,
    url,
    query: (config?.read?.query ?? []).map(callOf),
    ...(config?.command ? { command: config.command } : {}),
  }));

/** The parameters in a route, in order. */
export const parametersIn = ({ url }: Pick<Route, 'url'>): string[] =>
  [...url.matchAll(/:(\w+)/g)].map(([, name]) => name!);

/** The path of a route with values in place of its parameters. Throws for a parameter that nobody has thought of. */
export const pathOf = ({ url }: Pick<Route, 'url'>, values: Readonly<Record<string, string>>): string =>
  url.replaceAll(/:(\w+)/g, (_, name: string) => {
    if (values[name] === undefined) throw new Error(`No value for the parameter ${name} of ${url}: give it one here.`);
    return encodeURIComponent(values[name]);
  });
