import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#runtime';
import { LOG } from '../parts.js';
import { idOf } from './commands/read-command.js';
import { PROBLEM_JSON, levelOf, toProblem } from './problem.js';

/** Everything that a request can end in but an answer, as a problem (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.log);
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  const problem = toProblem(error);
  if (problem.status >= 500) {
    log[levelOf(problem)](
      { err: problem.more.cause ?? problem, method: request.method, route: routeOf(request) },
      problem.message,
    );
  }
  if (reply.sent || reply.raw.headersSent) {
    // Too late for another status: a cut connection is the only sign that is left.
    reply.raw.destroy();
    return;
  }
  void reply
    .code(problem.status)
    .headers(problem.more.headers ?? {})
    .header('content-type', PROBLEM_JSON)
    // As bytes: to a text Fastify would add a charset, which this type does not have.
    .send(Buffer.from(problem.body(idOf(request))));
}

/** The route as it was declared: no name of a project is in it. */
export const routeOf = (request: FastifyRequest): string => request.routeOptions?.url ?? 'unknown';
