import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { execute, GraphQLError, parse, validate, type DocumentNode, type ExecutionResult } from 'graphql';
import { NeedsReading } from '../../../http/auth/needs.js';
import { toProblem } from '../../../http/problem.js';
import { FacadeReads } from '../../facade-reads.js';
import { objectIn, textIn } from '../../kept.js';
import { sendJson } from '../answering.js';
import { Body } from '../body.js';
import { GitHubDeployments } from '../deployments.js';
import { invalidRequest } from '../dialect.js';
import { depthRule } from './depth-rule.js';
import { rootOf } from './resolvers.js';
import { schema } from './schema.js';

/** A query asks for little; what is longer was made to be. */
const MAX_TOKENS = 2_000;

/** Deployments with their latest status in one request. Faults of a query are answered with 200, as GitHub does. */
@ApiExcludeController()
@Controller(['api/graphql', 'graphql'])
export class GitHubGraphqlController {
  constructor(
    @Inject(FacadeReads) private readonly reads: FacadeReads,
    @Inject(GitHubDeployments) private readonly deployments: GitHubDeployments,
  ) {}

  @Post()
  @HttpCode(200)
  @NeedsReading()
  async query(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { data, errors } = await this.answer(request, new Body(request.body));
    const unavailable = errors
      ?.map(({ originalError }) => originalError)
      .find((error) => error && !(error instanceof GraphQLError));
    // What is the service's own fault is no fault of the query: the client is to try again, or be told so.
    if (unavailable) throw toProblem(unavailable);
    const body = {
      ...(data === undefined ? {} : { data }),
      ...(errors?.length ? { errors: errors.map(shapeOf) } : {}),
    };
    await sendJson(reply, 200, body);
  }

  private async answer(request: FastifyRequest, body: Body): Promise<ExecutionResult> {
    const query = body.required('query');
    const variableValues = variablesIn(body.value('variables'));
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: MAX_TOKENS });
    } catch (error) {
      return { errors: [error as GraphQLError] };
    }
    const faults = validate(schema, document, depthRule);
    if (faults.length > 0) return { errors: faults };
    const operationName = textIn(body.value('operationName'));
    const rootValue = rootOf({ request, reads: this.reads, deployments: this.deployments });
    return execute({ schema, document, rootValue, variableValues, ...(operationName ? { operationName } : {}) });
  }
}

function variablesIn(value: unknown): Readonly<Record<string, unknown>> {
  const variables = value === undefined ? {} : objectIn(value);
  if (!variables) throw invalidRequest("For 'properties/variables', it is not of type object.");
  return variables;
}

/** GitHub says beside the message of which type a fault is. */
const shapeOf = ({ message, locations, path, extensions: { type } }: GraphQLError) => ({
  ...(typeof type === 'string' ? { type } : {}),
  message,
  ...(path ? { path } : {}),
  ...(locations ? { locations } : {}),
});
