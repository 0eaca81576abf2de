import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { commandExamples, commandRoutes, componentSchemas, isCommandOperation } from '#contracts';
import { API } from './links.js';
import { ABOUT } from './openapi-about.js';
import { operations } from './openapi-operations.js';
import { parametersOf } from './openapi-parameters.js';
import { codesOf, problemExamples, Refusals } from './openapi-refusals.js';

type Media = { schema: object; example?: unknown; examples?: object };
type Content = { content?: Record<string, Media> };
type Operation = Content & {
  operationId: string;
  parameters?: Array<{ name?: string; in?: string }>;
  requestBody?: Content;
  responses: Record<string, object>;
  security?: object[];
};

/** The contract over HTTP, made from the routes and the schemas that check their requests. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Shiplog')
    .setDescription(ABOUT)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'shl_…',
        description:
          'A token made by `POST /tokens`, the first one (`SHIPLOG_ADMIN_TOKEN`), or the JWT of an issuer in `OIDC_ISSUERS`.',
      },
      'token',
    )
    .addSecurityRequirements('token')
    .build();
  const document = SwaggerModule.createDocument(app, about, {
    autoTagControllers: false,
    operationIdFactory: (_controller, method) => method,
  });
  const refusals = new Refusals();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>))
      complete({ path, method, operation, refusals });
  }
  document.components = {
    ...document.components,
    schemas: componentSchemas() as never,
    responses: refusals.components as never,
    examples: problemExamples() as never,
  };
  return document;
}

type Route = Readonly<{ path: string; method: string; operation: Operation; refusals: Refusals }>;

/** What an operation says by its path, its name and its kind, besides what its decorators say. */
function complete({ path, method, operation, refusals }: Route): void {
  operation.parameters = parametersOf(path, operation.parameters ?? []);
  const { operationId, parameters } = operation;
  Object.assign(operation, wordsOf(operationId));
  if (isCommandOperation(operationId)) showCommand(operation, operationId);
  const refused = refusals.of(codesOf({ method, path, operationId, parameters }));
  operation.responses = { ...operation.responses, ...refused };
  if (path.startsWith(API)) operation.responses['default'] = { $ref: '#/components/responses/failure' };
  else operation.security = [];
}

function wordsOf(operationId: string): { summary?: string; description?: string } {
  const { summary, description } = isCommandOperation(operationId)
    ? commandRoutes[operationId]
    : (operations[operationId] ?? {});
  return { ...(summary ? { summary } : {}), ...(description ? { description } : {}) };
}

/** Requests and answers of a command, as the domain makes them; statuses that it is never answered with go. */
function showCommand({ requestBody, responses }: Operation, operationId: keyof typeof commandRoutes): void {
  const examples = commandExamples(operationId);
  for (const status of ['200', '201']) {
    const example = examples.find((each) => each.status === status);
    if (example) show(responses[status], { example: example.answer });
    else delete responses[status];
  }
  const sent = examples.map(({ status, body }) => [status === '201' ? 'new' : 'existing', { value: body }]);
  show(requestBody, { examples: Object.fromEntries(sent) });
}

/** Puts examples beside the schema of a request or an answer. */
function show(where: Content | undefined, examples: Partial<Media>): void {
  for (const media of Object.values(where?.content ?? {})) Object.assign(media, examples);
}
