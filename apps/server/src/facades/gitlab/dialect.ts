import { STATUS_CODES } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { isKey } from '#domain';
import { clock } from '#runtime';
import { readNumber } from '../../http/number.js';
import { Problem } from '../../http/problem.js';
import { Refused, type Dialect, type Refusal } from '../dialect.js';

/** GitLab's REST API, version 4. */
export const gitlab: Dialect = {
  name: 'gitlab',
  prefixes: ['/api/v4'],
  tokenParameters: ['private_token', 'job_token', 'access_token'],
  takesCommandsByQuery: true,
  projectOf: ({ pathOrId }, named) => (pathOrId === undefined ? undefined : projectOf(pathOrId, named)),
  refusal: (problem, request) => refusalOf(problem, request),
  headers: ({ quota }): Readonly<Record<string, string>> =>
    quota
      ? {
          'ratelimit-limit': String(quota.limit),
          'ratelimit-observed': String(quota.limit - quota.remaining),
          'ratelimit-remaining': String(quota.remaining),
          'ratelimit-reset': String(Math.ceil(clock.now() / 1_000) + quota.resetsInSeconds),
        }
      : {},
};

/** `group/project`, or the number that it has in answers; digits alone are never a path. */
export function projectOf(
  pathOrId: string,
  named: (number: number) => Promise<string | undefined>,
): string | Promise<string> {
  if (!/^\d+$/.test(pathOrId)) {
    if (!isKey(pathOrId)) throw new Problem('project_not_found');
    return pathOrId;
  }
  const number = readNumber(pathOrId);
  if (number === undefined) throw new Problem('project_not_found');
  return named(number).then((project) => {
    if (project === undefined) throw new Problem('project_not_found');
    return project;
  });
}

/** What models refuse, by the member at fault. */
export const invalid = (faults: Readonly<Record<string, readonly string[]>>): Refused =>
  new Refused({ status: 400, body: { message: faults } });

export const badRequest = (message: string): Refused => new Refused({ status: 400, body: { message } });

/** What the parameters of a request are refused for. */
export const badParameters = (error: string): Refused => new Refused({ status: 400, body: { error } });

export const notFound = (): Refused => new Refused(told(404, '404 Not found'));

const told = (status: number, message: string): Refusal => ({ status, body: { message } });

/** Known by their codes, whatever route was asked. */
const texts: Readonly<Record<string, Refusal>> = {
  unauthorized: told(401, '401 Unauthorized'),
  project_not_found: told(404, '404 Project Not Found'),
  target_not_found: told(404, '404 Project Not Found'),
  deployment_not_found: told(404, '404 Deployment Not Found'),
  not_found: { status: 404, body: { error: '404 Not Found' } },
  forbidden: told(403, '403 Forbidden'),
  manual_controls_disabled: told(403, '403 Forbidden - Manual controls are switched off for this environment'),
  unsupported_media_type: { status: 415, body: { error: 'The provided content-type is not supported.' } },
  internal_error: told(500, '500 Internal Server Error'),
};

function refusalOf(problem: Problem, request: FastifyRequest): Refusal {
  const { status, code, more } = problem;
  const known = texts[code];
  if (known) return known;
  const { errors } = more;
  if (errors?.some(({ field }) => field === 'body'))
    return { status: 400, body: { error: 'There was a problem in the JSON you submitted' } };
  if (errors) return { status: 400, body: { message: faultsOf(errors) } };
  // What the domain refuses is a status or a setting that may not be.
  if (status === 409 || status === 412 || status === 422)
    return { status: 400, body: { message: { [memberOf(request)]: [problem.said] } } };
  if (status === 400) return told(400, `400 Bad request - ${problem.said}`);
  return told(status, `${status} ${STATUS_CODES[status]}`);
}

/** What a member of a command stands for in a request of this dialect. */
const members: ReadonlyArray<readonly [ours: string, theirs: string]> = [
  ['target', 'name'],
  ['version', 'ref'],
  ['commitRefs[0].branch', 'ref'],
  ['commitRefs[0].commit', 'sha'],
  ['externalUrl', 'external_url'],
  ['environmentType', 'tier'],
];

function faultsOf(errors: ReadonlyArray<Readonly<{ field: string; message: string }>>): Record<string, string[]> {
  // Members may have any name, also one that all objects have.
  const faults = new Map<string, string[]>();
  for (const { field, message } of errors) {
    const member = members.find(([ours]) => field.replaceAll(/\.(\d+)\b/g, '[$1]').startsWith(ours))?.[1] ?? field;
    const told = faults.get(member) ?? [];
    if (!told.includes(message)) faults.set(member, [...told, message]);
  }
  return Object.fromEntries(faults);
}

const memberOf = ({ routeOptions: { url = '' } }: FastifyRequest): string =>
  url.includes('/deployments') ? 'status' : 'base';
