import { commandRoutes, isCommandOperation, problemExample, problems, refTo, type ProblemCode } from '#contracts';
import { API } from './links.js';
import { headers } from './openapi.js';
import { operations } from './openapi-operations.js';
import { PROBLEM_JSON } from './problem.js';

/** An operation as far as it says what may go wrong. */
type Route = Readonly<{
  method: string;
  path: string;
  operationId: string;
  parameters: ReadonlyArray<{ name?: string }>;
}>;

/** Every code that a route may refuse with; what may befall any request at all (408, 431, 500) is its `default`. */
export function codesOf({ method, path, operationId, parameters }: Route): readonly ProblemCode[] {
  const own = operations[operationId]?.refuses ?? [];
  if (!path.startsWith(API)) return own;
  return [
    'bad_request',
    'unauthorized',
    ...(method === 'get' ? missingFrom(path) : (['too_large', 'unsupported_media_type'] as const)),
    ...(isCommandOperation(operationId) ? commandCodes(operationId) : []),
    ...own,
    'too_many_requests',
    ...(parameters.some(({ name }) => name === 'min_position') ? (['view_behind'] as const) : []),
    'unavailable',
  ];
}

const commandCodes = (operationId: keyof typeof commandRoutes): ProblemCode[] => [
  'forbidden',
  ...commandRoutes[operationId].refusals,
  'idempotency_key_reused',
];

/** What a read looks for by its path. */
function missingFrom(path: string): ProblemCode[] {
  if (path.endsWith('{commandId}')) return ['command_not_found'];
  if (path.endsWith('/deployments/{id}')) return ['deployment_not_found'];
  const deployment: ProblemCode[] = path.includes('{number}') ? ['deployment_not_found'] : [];
  if (path.includes('{target}')) return ['target_not_found', ...deployment];
  return path.includes('{project}') ? ['project_not_found'] : [];
}

type Responses = Record<string, object>;

/** Refusals as components, each named by its codes: routes that refuse alike share them. */
export class Refusals {
  readonly components: Responses = { failure };

  /** The responses of a route that may refuse with these codes, by status. */
  of(codes: readonly ProblemCode[]): Responses {
    const statuses = [...new Set(codes.map((code) => problems[code].status))].sort();
    return Object.fromEntries(
      statuses.map((status) => [status, this.refer(codes.filter((code) => problems[code].status === status))]),
    );
  }

  private refer(codes: readonly ProblemCode[]): object {
    const distinct = [...new Set(codes)];
    const name = distinct.join('.');
    this.components[name] ??= responseOf(distinct);
    return { $ref: `#/components/responses/${name}` };
  }
}

/** Examples of problems as components, which responses refer to. */
export const problemExamples = (): Record<string, object> =>
  Object.fromEntries(
    (Object.keys(problems) as ProblemCode[]).map((code) => [
      code,
      { summary: problems[code].title, value: problemExample(code) },
    ]),
  );

const examplesOf = (codes: readonly ProblemCode[]): object =>
  Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));

function responseOf(codes: readonly ProblemCode[]): object {
  const { status } = problems[codes[0]!];
  const schema = { allOf: [refTo('Problem'), { properties: { status: { const: status }, code: { enum: codes } } }] };
  const promised = headersOf[status];
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join(' '),
    ...(promised ? { headers: promised } : {}),
    content: { [PROBLEM_JSON]: { schema, examples: examplesOf(codes) } },
  };
}

const headersOf: Readonly<Record<number, object>> = {
  401: {
    'WWW-Authenticate': {
      description: 'That a token is needed.',
      required: true,
      schema: { type: 'string' },
      example: 'Bearer',
    },
  },
  429: { 'Retry-After': headers.retryAfter },
  503: { 'Retry-After': headers.retryAfter },
};

const failure = {
  description:
    'What may befall any request: 408 where it arrives too slowly, 431 where its path and headers are too large, 500 where the service fails.',
  content: {
    [PROBLEM_JSON]: {
      schema: refTo('Problem'),
      examples: examplesOf(['request_timeout', 'headers_too_large', 'internal_error']),
    },
  },
};
