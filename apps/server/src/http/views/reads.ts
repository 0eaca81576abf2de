import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiQuery } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ViewName } from '#projections';
import { NeedsReading } from '../auth/needs.js';
import { callOf, parameters, type ParameterName, type Query } from '../parameters.js';
import { readQuery } from '../query.js';
import type { Views } from './views.js';

/** The views that a read looks at, for some reads by what is asked. */
type LooksAt = readonly ViewName[] | ((asked: Query) => readonly ViewName[]);

/** A parameter that means something of its own on one route. */
type Meant = Readonly<{ name: ParameterName; about: string; required?: boolean }>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a read takes and looks at. */
    read?: Readonly<{ views: LooksAt; query: readonly ParameterName[]; required: readonly ParameterName[] }>;
  }
  interface FastifyRequest {
    /** The query, on routes that declare one. */
    asked: Query;
  }
}

/** What a page takes besides its filters. */
export const PAGE = ['limit', 'cursor'] as const;

/**
 * Makes a route a read of these views (none: of the log itself) with these query parameters, and documents them. Every
 * read takes `min_position`.
 */
export function Reads(views: LooksAt, ...given: ReadonlyArray<ParameterName | Meant>): MethodDecorator {
  const meant = [...given, 'min_position' as const].map((each): Meant =>
    typeof each === 'string' ? { name: each, about: parameters[each].about } : each,
  );
  const query = meant.map(({ name }) => name);
  const required = meant.filter((each) => each.required).map(({ name }) => name);
  return applyDecorators(NeedsReading(), RouteConfig({ read: { views, query, required } }), ...meant.map(documented));
}

function documented({ name, about: description, required = false }: Meant): MethodDecorator {
  const { schema, ...more } = parameters[name];
  const shape = 'many' in more ? { type: 'array', items: schema } : schema;
  return ApiQuery({ name: callOf(name), required, description, schema: shape });
}

/** Queries are read before Nest asks whether this sender may see what he asks for. */
export function readQueries(fastify: FastifyInstance): void {
  fastify.decorateRequest('asked', null as unknown as Query);
  fastify.addHook('preHandler', (request: FastifyRequest, _reply, done) => {
    const { read } = request.routeOptions.config;
    if (read) request.asked = readQuery(request, read.query, read.required);
    done();
  });
}

/**
 * Every read waits, where it is asked to, until what it looks at has come as far as the reader knows that the log has. A view
 * that this release cannot read yet is not read.
 */
export function awaitPositions(fastify: FastifyInstance, views: Pick<Views, 'reach'>): void {
  fastify.addHook('preHandler', ({ asked, routeOptions: { config } }, _reply, goOn) => {
    if (!config.read) return goOn();
    const { views: looksAt } = config.read;
    const wait = views.reach(asked.min_position, typeof looksAt === 'function' ? looksAt(asked) : looksAt);
    if (wait) wait.then(() => goOn(), goOn);
    else goOn();
  });
}
