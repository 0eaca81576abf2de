import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { answerExamples, pageOf, problemExample, refTo } from '#contracts';

type Schema = Readonly<Record<string, unknown>>;
type Header = Readonly<{ description: string; required?: true; schema: Schema; example?: string }>;

/** Lines that are not what they are without hashes. */
export const SEALED_NDJSON = 'application/x-ndjson; hashes=true';

/** Headers of answers, as they are promised. */
export const headers = {
  etag: {
    description: 'Changes when the resource does. Send it as `If-None-Match`.',
    required: true,
    schema: { type: 'string', pattern: '^"[^"]+"$' },
    example: '"kZ2yq0v6mTn4sR8wLxJd3A"',
  },
  version: {
    description: "The version of the target's stream. Send it as `If-Match`.",
    required: true,
    schema: { type: 'string', pattern: '^"\\d+"$' },
    example: '"17"',
  },
  position: {
    description: 'The position of the log that a view must have reached to show it. Send it as `min_position`.',
    required: true,
    schema: { type: 'string', pattern: '^\\d+$' },
    example: '4712',
  },
  location: { description: 'Where it is.', required: true, schema: { type: 'string', format: 'uri-reference' } },
  link: {
    description: 'The next page: `<…>; rel="next"`. Not on the last one.',
    schema: { type: 'string', pattern: '^<[^>]+>; rel="next"$' },
  },
  retryAfter: {
    description: 'Seconds to wait before the next try.',
    required: true,
    schema: { type: 'string', pattern: '^\\d+$' },
    example: '1',
  },
} satisfies Record<string, Header>;
const answered = { ETag: headers.version, 'Shiplog-Position': headers.position };

type Media = Readonly<{ schema: Schema; example?: unknown }>;
type Answered = Readonly<{ content?: Readonly<Record<string, Media>>; headers?: Readonly<Record<string, Header>> }>;

/** An answer in one or several media types. */
const answers = (status: number, description: string, answered: Answered): MethodDecorator =>
  ApiResponse({ status, description, ...answered } as never);

type One = Readonly<{ schema?: Schema; example?: unknown; type?: string; headers?: Record<string, Header> }>;

const answer = (
  status: number,
  description: string,
  { schema, example, type = 'application/json', headers: promised }: One = {},
): MethodDecorator =>
  answers(status, description, {
    ...(schema ? { content: { [type]: { schema, ...(example === undefined ? {} : { example }) } } } : {}),
    ...(promised ? { headers: promised } : {}),
  });

/** A text of JSON values, one a line. */
const linesOf = (name: string): Media => ({
  schema: {
    type: 'string',
    description: `Each line: ${name}.`,
    contentMediaType: 'application/json',
    contentSchema: refTo(name),
  },
  example: `${JSON.stringify(exampleOf(name))}\n`,
});

/** The example of what the schema `name` describes. */
const exampleOf = (name: string): unknown => answerExamples[name];
const examplePage = (name: string): object => ({ items: [exampleOf(name)], nextCursor: null });

const exampleKey = (exampleOf('AuditKeys') as { keys: readonly [{ vkey: string }] }).keys[0].vkey;

const ifNoneMatch = ApiHeader({ name: 'If-None-Match', required: false });

/** What routes answer, by the schemas of the contract and their examples; refusals follow from the route. */
export const Answers = {
  command: (): MethodDecorator =>
    applyDecorators(
      answer(200, 'Accepted.', { schema: refTo('Answer'), headers: answered }),
      answer(201, 'Accepted; a target or deployment was created.', {
        schema: refTo('Answer'),
        headers: { ...answered, Location: headers.location },
      }),
    ),
  outcomes: (): MethodDecorator =>
    answer(200, 'What became of each, in the order of the request.', {
      schema: { type: 'array', items: { anyOf: [refTo('Outcome'), refTo('Problem')] } },
      example: [exampleOf('Outcome'), problemExample('bad_request')],
      headers: { 'Shiplog-Position': headers.position },
    }),
  one: (name: string): MethodDecorator =>
    applyDecorators(
      ifNoneMatch,
      answer(200, `${name}.`, { schema: refTo(name), example: exampleOf(name), headers: { ETag: headers.etag } }),
      answer(304, 'The client has it already.', { headers: { ETag: headers.etag } }),
    ),
  created: (name: string): MethodDecorator =>
    answer(201, `${name}.`, { schema: refTo(name), example: exampleOf(name) }),
  nothing: (): MethodDecorator => answer(204, 'Done.'),
  page: (name: string): MethodDecorator =>
    answer(200, `A page of them: ${name}.`, {
      schema: pageOf(name),
      example: examplePage(name),
      headers: { Link: headers.link },
    }),
  events: (): MethodDecorator =>
    answers(
      200,
      'A page of events, or with `Accept: application/x-ndjson` all of them, one a line; with `hashes=true` as SealedEvent.',
      {
        headers: { Link: headers.link },
        content: {
          'application/json': { schema: pageOf('Event'), example: examplePage('Event') },
          'application/x-ndjson': linesOf('Event'),
          [SEALED_NDJSON]: linesOf('SealedEvent'),
        },
      },
    ),
  checkpoints: (): MethodDecorator =>
    answers(200, 'A page of them, the newest first: Checkpoint. With `Accept: text/plain` their notes alone.', {
      headers: { Link: headers.link },
      content: {
        'application/json': { schema: pageOf('Checkpoint'), example: examplePage('Checkpoint') },
        'text/plain': { schema: { type: 'string' }, example: (exampleOf('Checkpoint') as { note: string }).note },
      },
    }),
  keys: (): MethodDecorator =>
    applyDecorators(
      ifNoneMatch,
      answers(200, 'AuditKeys. With `Accept: text/plain` the verifier keys alone, one a line.', {
        // Of the JSON: a text has none.
        headers: { ETag: { ...headers.etag, required: undefined as never } },
        content: {
          'application/json': { schema: refTo('AuditKeys'), example: exampleOf('AuditKeys') },
          'text/plain': { schema: { type: 'string' }, example: `${exampleKey}\n` },
        },
      }),
      answer(304, 'The client has it already.', { headers: { ETag: headers.etag } }),
    ),
  live: (): MethodDecorator =>
    answer(200, 'Server-sent events, for as long as the client stays.', {
      schema: {
        type: 'string',
        description: 'Each message: `id` is the position, `data` an Event on one line.',
        contentMediaType: 'application/json',
        contentSchema: refTo('Event'),
      },
      type: 'text/event-stream',
      example: `id: 4713\ndata: ${JSON.stringify(exampleOf('Event'))}\n\n`,
    }),
  status: (): MethodDecorator =>
    answer(200, 'Where everything stands.', { schema: refTo('Status'), example: exampleOf('Status') }),
  alive: (): MethodDecorator => answer(200, 'Yes.', { schema: refTo('Health'), example: { status: 'live' } }),
  health: (): MethodDecorator =>
    applyDecorators(
      answer(200, 'Yes.', { schema: refTo('Health'), example: { status: 'ready', reasons: [] } }),
      answer(503, 'No.', {
        schema: refTo('Health'),
        example: { status: 'unready', reasons: ['The database does not answer.'] },
        headers: { 'Retry-After': headers.retryAfter },
      }),
    ),
  metrics: (): MethodDecorator =>
    answer(200, 'Metrics.', { schema: { type: 'string' }, type: 'text/plain', example: METRICS }),
  document: (): MethodDecorator =>
    answer(200, 'The document.', { schema: { type: 'object' }, example: { info: { title: 'Shiplog' } } }),
};

const METRICS = 'shiplog_commands_total{type="FinishDeployment",outcome="accepted"} 1\n';
