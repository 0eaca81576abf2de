import type { FieldError } from '#contracts';
import type { Problem } from '../../http/problem.js';
import { Refused, type Dialect, type Refusal } from '../dialect.js';

const OF_BUILDS = /^\/(build|version)-events\b/;

/** Versioner's API, which stands at the root of its host. */
export const versioner: Dialect = {
  name: 'versioner',
  prefixes: [
    '/deployment-events',
    '/build-events',
    '/version-events',
    '/deployments',
    '/builds',
    '/products',
    '/versions',
    '/environments',
    '/manage',
  ],
  projectOf: () => undefined,
  refusal: (problem, { url }) => refusalOf(problem, OF_BUILDS.test(url)),
};

/** One member that is wrong, as FastAPI words it. */
type Fault = Readonly<{ loc: readonly string[]; msg: string; type: string }>;

/** Clients read `detail`; older ones, and those of builds, the members beside it. */
const refuse = (status: number, detail: unknown, told: Readonly<{ message: string; error: string }>): Refusal => ({
  status,
  body: { detail, ...told },
});

const invalid = (faults: readonly Fault[]): Refusal =>
  refuse(422, faults, {
    message: faults.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`).join('; '),
    error: 'validation_error',
  });

/** A member of the body that is missing or is no value that it may have. */
export const invalidMember = (name: string, msg: string, type = 'value_error'): Refused =>
  new Refused(invalid([{ loc: ['body', name], msg, type }]));

/** The same of a parameter of the query. */
export const invalidParameter = (name: string, msg: string): Refused =>
  new Refused(invalid([{ loc: ['query', name], msg, type: 'value_error' }]));

/** The version is that of other sources: no check before a deployment, but told with the same status. */
export const versionTaken = (version: string): Refused => {
  const message = `Version ${version} already exists with different SHA`;
  return new Refused(refuse(409, message, { message, error: 'version_conflict' }));
};

/** Why a deployment may not start, as clients show it. */
export type Preflight = Readonly<{
  status: 409 | 428;
  code: string;
  message: string;
  details: Readonly<{ rule_name: string; [name: string]: unknown }>;
}>;

/** A check before a deployment that was not passed: clients stop, whatever they do about other errors. */
export const blocked = ({ status, ...told }: Preflight): Refused => {
  const detail = { error: 'deployment_blocked', ...told };
  return new Refused({ status, body: { detail, ...detail } });
};

/** Rejections of the domain that say no more than that a check was not passed. */
const checks: Readonly<Record<string, Omit<Preflight, 'message'>>> = {
  deployment_in_flight: {
    status: 409,
    code: 'DEPLOYMENT_IN_PROGRESS',
    details: { rule_name: 'Concurrent deployments' },
  },
  approval_required: { status: 428, code: 'APPROVAL_REQUIRED', details: { rule_name: 'Approval' } },
  no_scheduled_deployment: { status: 428, code: 'NO_SCHEDULED_DEPLOYMENT', details: { rule_name: 'requireSchedule' } },
};

const sentences: Readonly<Record<number, readonly [sentence: string, error: string]>> = {
  401: ['Invalid authentication credentials', 'unauthorized'],
  403: ['You do not have permission to perform this action', 'forbidden'],
  404: ['Not found', 'not_found'],
  408: ['The request took too long to arrive', 'request_timeout'],
  413: ['The request body is too large', 'payload_too_large'],
  415: ['The request body has a media type that is not taken: send application/json', 'unsupported_media_type'],
  431: ['The path and the headers are too large', 'headers_too_large'],
  500: ['Internal server error', 'internal_error'],
  503: ['Service temporarily unavailable', 'unavailable'],
};

function refusalOf(problem: Problem, isOfBuild: boolean): Refusal {
  const { status, code, said: message, more } = problem;
  const errors = more.errors ?? [];
  if (errors.some(({ field }) => field === 'body')) return plain(400, 'Invalid JSON in request body', 'bad_request');
  if (errors.length > 0) return invalid(errors.map((error) => faultOf(error, isOfBuild)));
  if (status === 429) {
    const seconds = more.headers?.['retry-after'];
    return plain(429, `Rate limit exceeded.${seconds ? ` Try again in ${seconds} seconds.` : ''}`, 'rate_limited');
  }
  // Somebody else wrote to the target each time: clients try again by themselves what is told as a fault of the service.
  if (code === 'version_conflict') return plain(503, sentences[503]![0], code);
  const check = checks[code];
  if (check) return blocked({ ...check, message }).refusal;
  const known = sentences[status];
  if (known) return plain(status, ...known);
  // What the domain refuses for another reason than one that clients know is nothing that waiting helps.
  return plain(422, message, code);
}

const plain = (status: number, message: string, error: string): Refusal => refuse(status, message, { message, error });

/** What a member of a command stands for in a body of this dialect. */
const members: ReadonlyArray<readonly [string, string]> = [
  ['target', 'environment_name'],
  ['project', 'product_name'],
  ['metadata', 'extra_metadata'],
  ['occurredAt', 'completed_at'],
  ['claimedBy.name', 'deployed_by_name'],
  ['claimedBy', 'deployed_by'],
  ['commitRefs[0].commit', 'scm_sha'],
  ['commitRefs[0].branch', 'scm_branch'],
  ['commitRefs', 'scm_repository'],
];

const faultOf = ({ field, message }: FieldError, isOfBuild: boolean): Fault => {
  const isHeader = field === 'Idempotency-Key';
  const found = members.find(([ours]) => field.startsWith(ours))?.[1] ?? field;
  const name = isOfBuild ? found.replace('deployed_by', 'built_by') : found;
  return { loc: [isHeader ? 'header' : 'body', name], msg: message, type: 'value_error' };
};
