import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiHeader, ApiOperation } from '@nestjs/swagger';
import { httpBodies, refTo, schemaOf } from '#contracts';
import type { PublicCommandType } from '#domain';
import { Needs } from '../auth/needs.js';
import { Answers } from '../openapi.js';
import { BATCH_LIMITS, MAX_COMMANDS } from './read-batch.js';
import { scopeOf } from './scope-of.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    command?: PublicCommandType;
  }
}

/** Makes a route carry one command, documented by the schema that checks its body; `name` where two routes carry the same. */
export function Carries(command: PublicCommandType, name: string = command): MethodDecorator {
  const { required } = schemaOf(httpBodies[command]);
  return applyDecorators(
    Needs(scopeOf(command)),
    RouteConfig({ command }),
    ApiOperation({ operationId: name, summary: words(name) }),
    ApiBody({ schema: refTo(command) as never, required: required !== undefined }),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The command id, unique within its target.' }),
    ApiHeader({ name: 'If-Match', required: false, description: 'The version that the target must have, as `"17"`.' }),
    Answers.command(),
  );
}

/** Makes a route carry a list of commands. Which scope each asks for is looked at as it is read. */
export function CarriesMany(): MethodDecorator {
  return applyDecorators(
    // The sender asks for more once it knows which commands they are.
    Needs('deployments:read'),
    RouteConfig({ commands: true, maxBytes: BATCH_LIMITS.maxBytes }),
    ApiBody({
      schema: { type: 'array', minItems: 1, maxItems: MAX_COMMANDS, items: refTo('Command') } as never,
      required: true,
      examples: { commands: { value: exampleCommands } },
    }),
    Answers.outcomes(),
  );
}

const exampleCommands = [
  { commandId: '6f6c-1', type: 'CreateTarget', project: 'web-shop', target: 'production', data: {} },
  {
    commandId: '6f6c-2',
    type: 'FinishDeployment',
    project: 'web-shop',
    target: 'production',
    occurredAt: '2026-11-20T10:00:00Z',
    expectedVersion: 1,
    data: { version: '1.4.0', commitRefs: [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }] },
  },
];

/** `StartDeployment` → `Start deployment`. */
const words = (type: string): string => type.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
