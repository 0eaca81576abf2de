import type { FastifyRequest } from 'fastify';
import { clock } from '#runtime';
import type { Problem } from '../../http/problem.js';
import type { Dialect, Refusal } from '../dialect.js';
import { Refused } from '../dialect.js';
import { projectOf } from './names.js';

const DOCUMENTATION = 'https://docs.github.com/rest';

/** GitHub's REST and GraphQL API, as GitHub Enterprise Server has it below `/api`, and as github.com has it. */
export const github: Dialect = {
  name: 'github',
  prefixes: ['/api/v3', '/api/graphql', '/repos', '/orgs', '/user', '/users', '/rate_limit', '/meta', '/graphql'],
  // KnpLabs' client says no type at all, and `fetch` that a text is one.
  readsTextAsJson: true,
  projectOf: ({ owner, repo }) => (owner === undefined || repo === undefined ? undefined : projectOf(owner, repo)),
  refusal: (problem, request) => refusalOf(problem, request),
  headers: (request) => ({
    'x-github-media-type': `github.${mediaOf(request.headers.accept)}; format=json`,
    'x-github-request-id': request.id,
    ...rateHeaders(request),
  }),
};

/** Which of its media types is meant; the answers are the same in all of them. */
const mediaOf = (accept = ''): string => /application\/vnd\.github\.([\w-]+)/.exec(accept)?.[1] ?? 'v3';

/** Where nothing is limited, a limit that nobody reaches: clients take none for a fault. */
const UNLIMITED = 1_000_000_000;

export function rateOf({ quota }: FastifyRequest): { limit: number; used: number; remaining: number; reset: number } {
  const { limit, remaining, resetsInSeconds } = quota ?? {
    limit: UNLIMITED,
    remaining: UNLIMITED,
    resetsInSeconds: 60,
  };
  const reset = Math.ceil(clock.now() / 1_000) + resetsInSeconds;
  return { limit, used: limit - remaining, remaining, reset };
}

function rateHeaders(request: FastifyRequest): Readonly<Record<string, string>> {
  const { limit, used, remaining, reset } = rateOf(request);
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-used': String(used),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-resource': 'core',
  };
}

type Fault = Readonly<{ resource?: string; field?: string; code: string; message?: string }>;

/** A refusal as GitHub words it. */
export const refuse = (status: number, message: string, errors?: readonly (Fault | string)[]): Refusal => ({
  status,
  body: {
    message,
    ...(errors ? { errors } : {}),
    documentation_url: DOCUMENTATION,
    status: String(status),
  },
});

/** A member of the body that is missing, or no value that it may have. */
export const invalidRequest = (sentence: string): Refused =>
  new Refused(refuse(422, `Invalid request.\n\n${sentence}`));

export const validationFailed = (resource: string, field: string, message: string): Refused =>
  new Refused(refuse(422, 'Validation Failed', [{ resource, code: 'custom', field, message }]));

const messages: Readonly<Record<number, string>> = {
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'API rate limit exceeded for this token.',
  431: 'Request Header Fields Too Large',
  500: 'Server Error',
  503: 'Service Unavailable',
};

function refusalOf(problem: Problem, request: FastifyRequest): Refusal {
  const { status, more, code } = problem;
  if (code === 'unauthorized')
    return refuse(401, request.headers.authorization ? 'Bad credentials' : 'Requires authentication');
  const message = messages[status];
  if (message) return refuse(status, message);
  const errors = more.errors ?? [];
  if (errors.some(({ field }) => field === 'body')) return refuse(400, 'Problems parsing JSON');
  const resource = resourceOf(request);
  if (errors.length === 0)
    return refuse(422, 'Validation Failed', [
      { resource, code: 'custom', field: fieldOf(resource), message: problem.said },
    ]);
  return refuse(
    422,
    'Validation Failed',
    errors.map(({ field, message: why }) => ({
      resource,
      code: 'invalid',
      field: fields.find(([ours]) => field.startsWith(ours))?.[1] ?? field,
      message: `${field} ${why}`,
    })),
  );
}

/** What a member of a command stands for in a request of this dialect. */
const fields: ReadonlyArray<readonly [string, string]> = [
  ['target', 'environment'],
  ['version', 'ref'],
  ['commitRefs', 'ref'],
  ['metadata', 'payload'],
];

const resourceOf = ({ routeOptions: { url = '' } }: FastifyRequest): string => {
  if (url.includes('/statuses')) return 'DeploymentStatus';
  if (url.includes('/artifacts/')) return 'DeploymentRecord';
  return url.includes('/environments') ? 'Environment' : 'Deployment';
};
const fieldOf = (resource: string): string => (resource === 'DeploymentStatus' ? 'state' : 'base');
