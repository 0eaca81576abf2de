import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#runtime';
import { Refused, type Refusal } from '../facades/dialect.js';
import { dialectOf } from '../facades/dialects.js';
import { LOG } from '../parts.js';
import { idOf } from './commands/read-command.js';
import { PROBLEM_JSON, levelOf, toProblem, type Problem } from './problem.js';

/** Everything that a request can end in but an answer: as a problem (RFC 9457), or as its dialect words it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.log);
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const told = error instanceof Refused ? asJson(error.refusal) : tellOf(toProblem(error), request, log);
  if (reply.sent || reply.raw.headersSent) {
    // Too late for another status: a cut connection is the only sign that is left.
    reply.raw.destroy();
    return;
  }
  // With bytes unread Node would reset the connection that it closes, and a client that still sends never sees why.
  if (told.status === 413) void reply.removeHeader('connection');
  // As bytes: to a text Fastify would add a charset, which a problem's type does not have.
  void reply.code(told.status).headers(told.headers).send(Buffer.from(told.body));
}

type Told = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: string }>;

function tellOf(problem: Problem, request: FastifyRequest, log: Logger): Told {
  const { status, more } = problem;
  if (status >= 500)
    log[levelOf(problem)](
      { err: more.cause ?? problem, method: request.method, route: routeOf(request) },
      problem.message,
    );
  const dialect = dialectOf(request);
  if (!dialect)
    return { status, headers: { ...more.headers, 'content-type': PROBLEM_JSON }, body: problem.body(idOf(request)) };
  const refusal = dialect.refusal(problem, request);
  return asJson({ ...refusal, headers: { ...more.headers, ...refusal.headers } });
}

const asJson = ({ status, headers, body }: Refusal): Told => ({
  status,
  headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

/** The route as it was declared: no name of a project is in it. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions?.url ?? 'unknown';
