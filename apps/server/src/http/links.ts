import { BlockList } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Config } from '#runtime';
import { CONFIG } from '../parts.js';

export const API = '/api/v1';

const HOST = /^[\w.:[\]-]+$/;
const PREFIX = /^(\/[\w.~-]+)+$/;
/** RFC 3986, 3.3; bytes beyond ASCII come as Latin 1. */
const NOT_IN_PATHS = /[^\w%/!$&'()*+,;=:@.~-]/g;
const escaped = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** Where things are, as absolute links: below PUBLIC_URL, else below what the request was sent to, also by a trusted proxy. */
@Injectable()
export class Links {
  private readonly proxies = new BlockList();

  constructor(@Inject(CONFIG) private readonly config: Config) {
    for (const { address, bits, family } of config.trustedProxies) this.proxies.addSubnet(address, bits, family);
  }

  target(request: FastifyRequest, project: string, key: string): string {
    return `${this.base(request)}${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(key)}`;
  }

  deployment(request: FastifyRequest, project: string, key: string, number: number): string {
    return `${this.target(request, project, key)}/deployments/${number}`;
  }

  /** The same request with another query. */
  withQuery(request: FastifyRequest, query: URLSearchParams): string {
    return `${this.address(request)}?${query}`;
  }

  /** Where the request was sent, without its query. What a client sent as it is and no address may have is escaped: `>` ends a link. */
  address(request: FastifyRequest): string {
    const path = request.raw.url!.split('?', 1)[0]!;
    return `${this.base(request)}${path.replaceAll(NOT_IN_PATHS, escaped)}`;
  }

  /** The address below which all paths are; empty where the request does not say by which name it came. */
  base(request: FastifyRequest): string {
    const { publicUrl } = this.config;
    if (publicUrl) return publicUrl.href.replace(/\/+$/, '');
    const { protocol, host, prefix } = this.forwarded(request);
    // Without a Host, or one that is none, a link relative to the server says the same.
    return host && HOST.test(host) ? `${protocol}://${host}${prefix}` : '';
  }

  /** How the client named the service, by what a trusted proxy says of it. */
  private forwarded({ protocol, headers, raw }: FastifyRequest): {
    protocol: string;
    host: string | undefined;
    prefix: string;
  } {
    const direct = { protocol, host: headers.host, prefix: '' };
    if (this.config.trustedProxies.length === 0 || !this.isTrusted(raw.socket.remoteAddress ?? '')) return direct;
    // The nearest proxy wrote the last one.
    const said = (name: string): string | undefined =>
      String(headers[`x-forwarded-${name}`] ?? '')
        .split(',')
        .at(-1)
        ?.trim() || undefined;
    const [scheme, prefix] = [said('proto'), said('prefix')?.replace(/(?<!\/)\/+$/, '')];
    return {
      protocol: scheme === 'http' || scheme === 'https' ? scheme : protocol,
      host: said('host') ?? headers.host,
      prefix: prefix && PREFIX.test(prefix) ? prefix : '',
    };
  }

  private isTrusted(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    return plain !== '' && this.proxies.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4');
  }
}
