import { applyDecorators, type INestApplication } from '@nestjs/common';
import { ApiDefaultResponse, ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { componentSchemas, pageOf, refTo } from '#contracts';
import { API } from './links.js';
import { PROBLEM_JSON } from './problem.js';

type Schema = Readonly<Record<string, unknown>>;

const header = (description: string): { description: string; schema: { type: string } } => ({
  description,
  schema: { type: 'string' },
});
const etag = { ETag: header('Changes when the resource does.') };
const answered = {
  ETag: header('The version of the target\'s stream, as `"17"`.'),
  'Shiplog-Position': header('The position of the log that a view needs to reach to show it.'),
};

const answer = (
  status: number,
  description: string,
  { schema, type = 'application/json', headers }: { schema?: Schema; type?: string; headers?: object } = {},
): MethodDecorator =>
  ApiResponse({
    status,
    description,
    ...(schema ? { content: { [type]: { schema } } } : {}),
    ...(headers ? { headers } : {}),
  } as never);

const refused = ApiDefaultResponse({
  description: 'Refused: the code says why.',
  content: { [PROBLEM_JSON]: { schema: refTo('Problem') } },
} as never);

/** What routes answer, by the schemas of the contract. */
export const Answers = {
  command: (): MethodDecorator =>
    applyDecorators(
      answer(200, 'Accepted.', { schema: refTo('Answer'), headers: answered }),
      answer(201, 'Accepted; a target or deployment was created.', {
        schema: refTo('Answer'),
        headers: { ...answered, Location: header('Where it is.') },
      }),
      refused,
    ),
  one: (name: string): MethodDecorator =>
    applyDecorators(answer(200, name, { schema: refTo(name), headers: etag }), answer(304, 'Unchanged.'), refused),
  page: (name: string): MethodDecorator =>
    applyDecorators(
      answer(200, `A page of them: ${name}.`, { schema: pageOf(name), headers: { Link: header('The next page.') } }),
      refused,
    ),
  events: (): MethodDecorator =>
    applyDecorators(
      ApiResponse({
        status: 200,
        description: 'A page of events, or with `Accept: application/x-ndjson` all of them, one a line.',
        content: {
          'application/json': { schema: pageOf('Event') },
          'application/x-ndjson': { schema: { type: 'string', description: 'Each line an Event.' } },
        },
      } as never),
      refused,
    ),
  status: (): MethodDecorator =>
    applyDecorators(answer(200, 'Where everything stands.', { schema: { type: 'object' } }), refused),
  health: (): MethodDecorator =>
    applyDecorators(
      answer(200, 'Yes.', { schema: { type: 'object' } }),
      answer(503, 'No.', { schema: { type: 'object' } }),
    ),
  metrics: (): MethodDecorator => answer(200, 'Metrics.', { schema: { type: 'string' }, type: 'text/plain' }),
  document: (): MethodDecorator => answer(200, 'The document.', { schema: { type: 'object' } }),
};

/** The contract over HTTP, made from the routes and the schemas that check their requests. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Shiplog')
    .setDescription('The system of record for what is deployed where.')
    .setVersion('1')
    .addServer('/')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addSecurityRequirements('token')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    autoTagControllers: false,
    operationIdFactory: (_controller, method) => method,
  });
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations) as Operation[]) finish(path, operation);
  }
  document.components = { ...document.components, schemas: componentSchemas() as never };
  return document;
}

type Operation = { parameters?: object[]; security?: object[] };

const inPaths: Readonly<Record<string, object>> = {
  project: { schema: { type: 'string' }, description: 'The key of the project, percent-encoded as one segment.' },
  target: { schema: { type: 'string' }, description: 'The key of the target, percent-encoded as one segment.' },
  number: { schema: { type: 'integer', minimum: 1 }, description: 'Counts the deployments of the target.' },
  id: { schema: { type: 'integer', minimum: 1 }, description: 'The id of the deployment.' },
  commandId: { schema: { type: 'string' }, description: 'The command id, percent-encoded.' },
};

/** What the path says by itself: its parameters, and whether it asks for a token. */
function finish(path: string, operation: Operation): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const rest = (operation.parameters ?? []).filter((parameter) => (parameter as { in?: string }).in !== 'path');
  operation.parameters = [...names.map((name) => ({ name, in: 'path', required: true, ...inPaths[name] })), ...rest];
  if (!path.startsWith(API)) operation.security = [];
}
