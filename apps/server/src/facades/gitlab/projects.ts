import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Links } from '../../http/links.js';
import { ProjectNumbers } from '../project-numbers.js';
import { projectOf } from './dialect.js';

/** What a request is about, and where its client found the service. */
@Injectable()
export class GitLabProjects {
  constructor(
    @Inject(Links) private readonly links: Links,
    @Inject(ProjectNumbers) private readonly numbers: ProjectNumbers,
  ) {}

  /** The project that a path names, by its own path or its number; throws where there is none. */
  async of(request: FastifyRequest, pathOrId: string): Promise<string> {
    return projectOf(pathOrId, (number) => this.numbers.projectOf(number, request.identity!));
  }

  baseOf(request: FastifyRequest): string {
    return this.links.base(request);
  }

  /** Where this request was sent, as its client knows the service, without the query. */
  addressOf(request: FastifyRequest): string {
    return this.links.address(request);
  }
}
