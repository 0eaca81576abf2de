import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiQuery } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ViewName } from '#projections';
import { NeedsReading } from '../auth/needs.js';
import { parameters, type ParameterName, type Query } from '../parameters.js';
import { readQuery } from '../query.js';
import type { Views } from './views.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a read takes and looks at. */
    read?: Readonly<{ views: readonly ViewName[]; query: readonly ParameterName[] }>;
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
export function Reads(views: readonly ViewName[], ...names: readonly ParameterName[]): MethodDecorator {
  const query: readonly ParameterName[] = [...names, 'min_position'];
  return applyDecorators(NeedsReading(), RouteConfig({ read: { views, query } }), ...query.map(documented));
}

function documented(name: ParameterName): MethodDecorator {
  const { about: description, schema, ...more } = parameters[name];
  const shape = 'many' in more ? { type: 'array', items: schema } : schema;
  return ApiQuery({ name, required: false, description, schema: shape });
}

/** Queries are read before Nest asks whether this sender may see what he asks for. */
export function readQueries(fastify: FastifyInstance): void {
  fastify.decorateRequest('asked', null as unknown as Query);
  fastify.addHook('preHandler', (request: FastifyRequest, _reply, done) => {
    const { read } = request.routeOptions.config;
    if (read) request.asked = readQuery(request, read.query);
    done();
  });
}

/** Every read waits, where it is asked to, until what it looks at has come as far as the reader knows that the log has. */
export function awaitPositions(fastify: FastifyInstance, views: Pick<Views, 'reach'>): void {
  fastify.addHook('preHandler', async ({ asked, routeOptions: { config } }) => {
    if (config.read && asked.min_position) await views.reach(asked.min_position, config.read.views);
  });
}
