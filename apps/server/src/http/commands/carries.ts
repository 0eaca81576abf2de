import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiHeader, ApiOperation } from '@nestjs/swagger';
import { httpBodies, refTo, schemaOf } from '#contracts';
import type { PublicCommandType } from '#domain';
import { Needs } from '../auth/needs.js';
import { Answers } from '../openapi.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    command?: PublicCommandType;
  }
}

/** Makes a route carry one command, documented by the schema that checks its body; `name` where two routes carry the same. */
export function Carries(command: PublicCommandType, name: string = command): MethodDecorator {
  const { required } = schemaOf(httpBodies[command]);
  return applyDecorators(
    Needs(command.endsWith('Target') ? 'targets:write' : 'deployments:write'),
    RouteConfig({ command }),
    ApiOperation({ operationId: name, summary: words(name) }),
    ApiBody({ schema: refTo(command) as never, required: required !== undefined }),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The command id, unique within its target.' }),
    ApiHeader({ name: 'If-Match', required: false, description: 'The version that the target must have, as `"17"`.' }),
    Answers.command(),
  );
}

/** `StartDeployment` → `Start deployment`. */
const words = (type: string): string => type.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
