import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readJson, readJsonList } from '#contracts';
import { dialectOf } from '../facades/dialects.js';
import { looksLikeJson, quoteLongIntegers, readForm } from '../facades/forms.js';
import { BATCH_LIMITS } from './commands/read-batch.js';
import { ofStatus } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Size of the body as it came. */
    bodyBytes: number;
  }
  interface FastifyContextConfig {
    /** The largest body that the route takes, in bytes; 256 KiB where it does not say. */
    maxBytes?: number;
  }
}

const FORM = 'application/x-www-form-urlencoded';
/** JSON, and JSON under the content type that `curl -d` sends; anything else is 415. */
const CLOUD_EVENTS = ['application/cloudevents+json', 'application/cloudevents-batch+json'];
const TYPES = ['application/json', FORM, ...CLOUD_EVENTS];

/** Replaces Fastify's parsers: ours reads I-JSON, and takes an empty body for none, as many clients send one with a DELETE. */
export function readBodies(fastify: FastifyInstance): void {
  fastify.decorateRequest('bodyBytes', 0);
  fastify.addHook('onRoute', (route) => {
    const { maxBytes } = route.config ?? {};
    if (maxBytes !== undefined) route.bodyLimit = maxBytes;
  });
  fastify.addHook('onRequest', (request, _, done) => {
    const { headers, method } = request;
    const isText = headers['content-type']?.startsWith('text/plain') ?? method !== 'GET';
    if (isText && dialectOf(request)?.readsTextAsJson) headers['content-type'] = 'application/json';
    // Of nothing it does not matter what type it has: `fetch` sends an empty text as one.
    if (headers['content-length'] === '0') delete headers['content-type'];
    done();
  });
  // What has no route is not there, whatever it brings.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.is404) done(ofStatus(404));
    else done(null, payload);
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(TYPES, { parseAs: 'buffer' }, (request, bytes, done) => {
    request.bodyBytes = bytes.length;
    try {
      done(null, parse(request, bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(request: FastifyRequest, bytes: Buffer): unknown {
  const { headers, routeOptions } = request;
  if (!isPlainUtf8(headers)) throw ofStatus(415);
  const isCloudEvent = headers['content-type']!.toLowerCase().startsWith('application/cloudevents');
  if (isCloudEvent && dialectOf(request)?.name !== 'cdevents') throw ofStatus(415);
  if (bytes.length === 0) return undefined;
  const isForm = headers['content-type']!.startsWith(FORM) && !looksLikeJson(bytes);
  const dialect = dialectOf(request);
  if (dialect && isForm) return readForm(bytes);
  if (dialect?.hasLongIntegers) return readJson(quoteLongIntegers(bytes));
  const { commands, maxBytes } = routeOptions.config;
  return commands ? readJsonList(bytes, BATCH_LIMITS) : readJson(bytes, 'body', maxBytes);
}

function isPlainUtf8(headers: FastifyRequest['headers']): boolean {
  const encoding = headers['content-encoding'] ?? 'identity';
  const charset = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return encoding.toLowerCase() === 'identity' && /^utf-?8$/i.test(charset);
}
