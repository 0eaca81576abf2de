import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Inject, NotFoundException, Param, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify';
import { asyncApiDocument, openApiDocument } from '#contracts';
import { Answers } from '../openapi.js';

const ui = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** The parts of Swagger UI that the page needs, by type; nothing else of the package is served. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const read = new Map<string, Buffer>();
function bytesOf(asset: string): Buffer {
  const bytes = read.get(asset) ?? readFileSync(join(ui, asset));
  read.set(asset, bytes);
  return bytes;
}

/** Relative to the page, so that they hold below a PUBLIC_URL with a path too. Nothing comes from anywhere else. */
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shiplog API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`;
/** Without the validator's badge, which would be fetched from another host. A token that is entered stays in the page. */
const start = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

/** The contract without the routes that this process does not have: the API is a role. */
function openApiOfRoutes(fastify: FastifyInstance): object {
  const { paths, ...document } = openApiDocument();
  const here = Object.entries(paths as Record<string, object>).map(([path, methods]) => {
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
    const has = ([method]: [string, unknown]): boolean =>
      fastify.hasRoute({ url, method: method.toUpperCase() as HTTPMethods });
    return [path, Object.fromEntries(Object.entries(methods).filter(has))] as const;
  });
  return { ...document, paths: Object.fromEntries(here.filter(([, methods]) => Object.keys(methods).length > 0)) };
}

/** What clients may rely on, for machines and for people. */
@ApiTags('system')
@Controller()
export class ContractsController {
  private api: object | undefined;

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  @Get('openapi.json')
  @Answers.document()
  getOpenApi(): object {
    return (this.api ??= openApiOfRoutes(this.host.httpAdapter.getInstance<FastifyInstance>()));
  }

  @Get('asyncapi.json')
  @Answers.document()
  getAsyncApi(): object {
    return asyncApiDocument();
  }

  @Get('docs')
  @ApiExcludeEndpoint()
  async getDocs(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('text/html; charset=utf-8').send(page);
  }

  @Get('docs/start.js')
  @ApiExcludeEndpoint()
  async getStart(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('text/javascript; charset=utf-8').send(start);
  }

  @Get('docs/:asset')
  @ApiExcludeEndpoint()
  async getAsset(@Param('asset') asset: string, @Res() reply: FastifyReply): Promise<void> {
    const type = Object.hasOwn(assets, asset) ? assets[asset] : undefined;
    if (!type) throw new NotFoundException();
    await reply.type(type).send(bytesOf(asset));
  }
}
