import type { FastifyRequest } from 'fastify';
import type { Problem } from '../../http/problem.js';
import { Refused, type Dialect, type Refusal } from '../dialect.js';
import { keyOf } from '../key-of.js';
import { namedBy } from './identity.js';

/** Deployments as Jira takes them in, on its own address and below that of api.atlassian.com, with what leads there. */
export const jira: Dialect = {
  name: 'jira',
  prefixes: ['/rest/deployments/0.1', '/jira/deployments/0.1/cloud', '/_edge', '/oauth'],
  hasLongIntegers: true,
  projectOf: (params) => {
    const pipelineId = params['pipelineId'] ?? namedBy(params['*'] ?? '')?.pipelineId;
    return pipelineId === undefined ? undefined : keyOf(pipelineId);
  },
  refusal: (problem, request) => refusalOf(problem, request),
};

/** A refusal in both shapes that clients read: that of Jira, and that of the gateway before it. */
export const refuse = (status: number, message: string): Refusal => ({
  status,
  body: { code: status, message, errorMessages: [message], errors: {} },
});

export const badRequest = (message: string): Refused => new Refused(refuse(400, message));

/** As OAuth words it (RFC 6749, 5.2). */
export const refuseToken = (status: number, error: string, description: string): Refused =>
  new Refused({ status, body: { error, error_description: description } });

const messages: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  404: 'Not Found',
  500: 'Internal Server Error',
};

function refusalOf(problem: Problem, request: FastifyRequest): Refusal {
  const { status, more, said } = problem;
  const faults = (more.errors ?? []).map(({ field, message: why }) => `${field}: ${why}`);
  const told = messages[status] ?? (faults.join('; ') || said);
  if (request.routeOptions?.url === '/oauth/token' && !request.is404)
    return refuseToken(status, status < 500 ? 'invalid_request' : 'server_error', told).refusal;
  return refuse(status, told);
}
