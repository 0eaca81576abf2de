import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Config } from '#runtime';
import { CONFIG } from '../parts.js';

export const API = '/api/v1';

/** Where things are, as absolute links: below PUBLIC_URL, else below what the request was sent to. */
@Injectable()
export class Links {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  target(request: FastifyRequest, project: string, key: string): string {
    return `${this.base(request)}${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(key)}`;
  }

  deployment(request: FastifyRequest, project: string, key: string, number: number): string {
    return `${this.target(request, project, key)}/deployments/${number}`;
  }

  /** The same request with another query. */
  withQuery(request: FastifyRequest, query: URLSearchParams): string {
    const [path] = request.raw.url!.split('?');
    return `${this.base(request)}${path}?${query}`;
  }

  private base({ protocol, headers }: FastifyRequest): string {
    const { publicUrl } = this.config;
    if (publicUrl) return publicUrl.href.replace(/\/+$/, '');
    // Without a Host, or one that is none, a link relative to the server says the same.
    return headers.host && /^[\w.:[\]-]+$/.test(headers.host) ? `${protocol}://${headers.host}` : '';
  }
}
