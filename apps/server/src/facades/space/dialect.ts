import type { Problem } from '../../http/problem.js';
import { Refused, type Dialect, type Refusal } from '../dialect.js';
import { projectOf } from './identifiers.js';

/** The deployments of JetBrains Space's HTTP API. */
export const space: Dialect = {
  name: 'space',
  prefixes: ['/api/http'],
  projectOf: ({ projectIdentifier }) => (projectIdentifier === undefined ? undefined : projectOf(projectIdentifier)),
  refusal: refusalOf,
};

/** Space's codes, each with its status. */
const codes = {
  'validation-error': 400,
  'request-error': 400,
  'authentication-required': 401,
  'permission-denied': 403,
  'not-found': 404,
  'duplicated-entity': 409,
  'payload-too-large': 413,
  'rate-limited': 429,
  'internal-server-error': 500,
} as const;
type Code = keyof typeof codes;

const refuse = (code: Code, description: string, status: number = codes[code]): Refusal => ({
  status,
  body: { error: code, error_description: description },
});

/** Something in the request that is missing, or can be no such thing. */
export const invalid = (description: string): Refused => new Refused(refuse('validation-error', description));

/** What has no code of its own in Space, and what has another one than its status says. */
const known: Partial<Record<Problem['code'], Code>> = {
  no_deployment_in_flight: 'not-found',
  no_open_deployment: 'not-found',
  nothing_to_roll_back_to: 'not-found',
  target_exists: 'duplicated-entity',
  branch_is_waiting: 'duplicated-entity',
  version_required: 'validation-error',
  commit_required: 'validation-error',
  unknown_rule: 'validation-error',
};

const byStatus: Readonly<Record<number, Code>> = {
  400: 'validation-error',
  401: 'authentication-required',
  403: 'permission-denied',
  404: 'not-found',
  413: 'payload-too-large',
  415: 'validation-error',
  429: 'rate-limited',
  431: 'payload-too-large',
};

/** Beside these a code has one status in Space, whatever ours is. */
const KEPT = [408, 415, 431, 503];

/** What ours would say asks for what clients of this dialect need not send. */
const worded: Partial<Record<Problem['code'], string>> = {
  no_deployment_in_flight: 'Nothing is being deployed to this target.',
};

function refusalOf(problem: Problem): Refusal {
  const { status, code, said: told, more } = problem;
  const said = known[code] ?? byStatus[status] ?? (status >= 500 ? 'internal-server-error' : 'request-error');
  const description = more.errors?.map(({ field, message }) => `${named(field)} ${message}`).join('; ');
  return refuse(said, description ?? worded[code] ?? told, KEPT.includes(status) ? status : undefined);
}

/** What members of a command are called in a request of this dialect. */
const names: ReadonlyArray<readonly [RegExp, string]> = [
  [/^target$/, 'targetIdentifier'],
  [/^scheduledFor\b/, 'scheduledStart'],
  [/\brepository$/, 'repositoryName'],
  [/^settings\.hanging.*/, 'hangTimeoutMinutes'],
  [/^settings\.failing.*/, 'failTimeoutMinutes'],
  [/^settings\.manualControls$/, 'manualControl'],
  [/^(externalUrl|labels)\b.*/, 'links'],
];
const named = (field: string): string => names.reduce((name, [ours, theirs]) => name.replace(ours, theirs), field);
