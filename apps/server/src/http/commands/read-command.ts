import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badInput, fingerprintOf, isCommandId, isTraceparent, parseHttpCommand } from '#contracts';
import { fromEpochMillis, isKey, streamOf, type PublicCommandType } from '#domain';
import { clock, newId } from '#runtime';
import { readNumber } from '../number.js';
import { readQuery } from '../query.js';
import type { Sent } from './submissions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The command that it carries, on routes that carry one. */
    sent: Sent | null;
  }
}

/** Whether it is a command at all is settled before Nest asks whether this sender may send it. */
export function readCommands(fastify: FastifyInstance): void {
  fastify.decorateRequest('sent', null);
  fastify.addHook('preHandler', (request, _reply, done) => {
    const { command } = request.routeOptions.config;
    if (command) request.sent = readCommand(request, command);
    done();
  });
}

type Path = Readonly<{ project: string; target?: string; number?: string }>;

/** Throws BadInput that names the part at fault: a member of the path or body, a header, a query parameter. */
function readCommand(request: FastifyRequest, type: PublicCommandType): Sent {
  readQuery(request, []);
  const path = request.params as Path;
  const project = keyIn(path.project, 'project');
  const target = keyIn(path.target ?? (request.body as { key?: unknown } | null)?.key, path.target ? 'target' : 'key');
  const number = path.number === undefined ? {} : { number: numberIn(path.number) };
  const now = fromEpochMillis(clock.now());
  const {
    command,
    occurredAt = now,
    claimedBy,
  } = parseHttpCommand({ type, project, target, ...number }, request.body, { now });
  const ifMatch = headerIn(request, 'If-Match');
  return {
    stream: streamOf(project, target),
    commandId: chosenId(request) ?? newId(),
    // Over what was sent, and before anybody in it is replaced by an opaque id.
    fingerprint: fingerprintOf(['http', request.method, request.routeOptions.url, path, ifMatch ?? null, request.body]),
    command,
    bytes: request.bodyBytes,
    occurredAt,
    ...(ifMatch === undefined ? {} : { expectedVersion: versionIn(ifMatch) }),
    ...(claimedBy === undefined ? {} : { claimedBy }),
    ...traceOf(request),
  };
}

/** The command id that the client chose; throws BadInput where it can be none. */
export function chosenId(request: FastifyRequest): string | undefined {
  const id = headerIn(request, 'Idempotency-Key');
  if (id !== undefined && !isCommandId(id))
    throw badInput(
      'Idempotency-Key',
      'must be 1 to 255 characters without control characters, not beginning with shiplog:',
    );
  return id;
}

/** The id of the command that a request carries, its own or one made for it: refusals name it too. */
export function idOf(request: FastifyRequest): string | undefined {
  if (request.sent) return request.sent.commandId;
  if (!request.identity || !request.routeOptions?.config?.command) return undefined;
  try {
    return chosenId(request) ?? newId();
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function headerIn({ raw }: FastifyRequest, name: 'Idempotency-Key' | 'If-Match'): string | undefined {
  const key = name.toLowerCase();
  // Told apart only where it was given at all: Node does so for every header of the request, once it is asked for one.
  const sent = raw.headers[key] === undefined ? undefined : raw.headersDistinct[key];
  if (sent === undefined) return undefined;
  if (sent.length > 1) throw badInput(name, 'must be given once');
  try {
    // Node hands over each byte of a header as one character.
    return utf8.decode(Buffer.from(sent[0]!, 'latin1'));
  } catch {
    throw badInput(name, 'must be UTF-8');
  }
}

function keyIn(text: unknown, field: string): string {
  if (typeof text === 'string' && isKey(text)) return text;
  throw badInput(
    field,
    'must be 1 to 200 characters in Unicode form NFC, without control characters or white space at either end, and not . or ..',
  );
}

function numberIn(text: string): number {
  const number = readNumber(text);
  if (number === undefined) throw badInput('number', 'must be the number of a deployment');
  return number;
}

function versionIn(ifMatch: string): number {
  const version = Number(/^"(0|[1-9]\d{0,15})"$/.exec(ifMatch)?.[1]);
  if (Number.isSafeInteger(version)) return version;
  throw badInput('If-Match', 'must be one version of the target in quotes, such as "17"');
}

const traceOf = ({ headers: { traceparent } }: FastifyRequest): { traceparent?: string } =>
  isTraceparent(traceparent) ? { traceparent } : {};
