import { describe, expect, it } from '@jest/globals';
import { asyncApiBreaks } from './asyncapi-breaks.js';
import { openApiBreaks } from './openapi-breaks.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- edits reach into documents as they please.
type Json = any;
type Case = readonly [what: string, edit: (document: Json) => void, breaks: string];

const problem = (code: string, status: number): object => ({
  content: {
    'application/problem+json': {
      schema: { allOf: [{ type: 'object' }, { properties: { status: { const: status }, code: { enum: [code] } } }] },
    },
  },
});

/** A small contract with everything in it that may break. */
const http = (): Json => ({
  security: [{ token: [] }],
  paths: {
    '/open': { get: { operationId: 'open', security: [], responses: { 204: {} } } },
    '/things/{key}': {
      post: {
        operationId: 'put',
        parameters: [
          { name: 'key', in: 'path', required: true, schema: { type: 'string', maxLength: 200, pattern: '^a' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200 } },
          { name: 'kind', in: 'query', schema: { type: 'string', enum: ['a', 'b'] } },
        ],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Wish' } } } },
        responses: {
          200: {
            headers: { ETag: { required: true, schema: { pattern: '^"' } }, Link: { schema: {} } },
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          409: { $ref: '#/components/responses/taken' },
        },
      },
    },
  },
  components: {
    responses: { taken: problem('taken', 409) },
    schemas: {
      Wish: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 10 },
          note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          kind: { enum: ['a', 'b'] },
          list: { type: 'array', items: { type: 'string' } },
          more: { type: 'object' },
        },
      },
      Thing: {
        type: 'object',
        required: ['id', 'note', 'part'],
        properties: {
          id: { type: 'integer', minimum: 1 },
          note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          kind: { enum: ['a', 'b'] },
          at: { type: 'string', format: 'date-time' },
          part: { $ref: '#/components/schemas/Part' },
          parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } },
          one: { oneOf: [{ $ref: '#/components/schemas/Part' }, { type: 'object', properties: { other: {} } }] },
        },
      },
      Part: { type: 'object', required: ['size'], properties: { size: { type: 'number' } } },
    },
  },
});
const put = (document: Json): Json => document.paths['/things/{key}'].post;
const wish = (document: Json): Json => document.components.schemas.Wish;
const thing = (document: Json): Json => document.components.schemas.Thing;
const part = (document: Json): Json => document.components.schemas.Part;

const AT = 'POST /things/{key}';
const BODY = `${AT} body application/json`;
const ANSWER = `${AT} 200 application/json`;

const breaking: Case[] = [
  ['a path gone', (d) => delete d.paths['/things/{key}'], `${AT}: is gone`],
  ['a method gone', (d) => (d.paths['/things/{key}'] = {}), `${AT}: is gone`],
  ['an operation of another name', (d) => (put(d).operationId = 'set'), `${AT}: was put, is set`],
  ['a token asked for where none was', (d) => delete d.paths['/open'].get.security, 'GET /open: asks for a token'],
  ['a parameter gone', (d) => put(d).parameters.splice(1, 1), `${AT} query limit: is gone`],
  ['a parameter required', (d) => (put(d).parameters[1].required = true), `${AT} query limit: has become required`],
  [
    'a new parameter required',
    (d) => put(d).parameters.push({ name: 'by', in: 'query', required: true, schema: {} }),
    `${AT} query by: has become required`,
  ],
  ['a lower maximum', (d) => (put(d).parameters[1].schema.maximum = 100), `${AT} query limit: maximum was 200, is 100`],
  ['a higher minimum', (d) => (put(d).parameters[1].schema.minimum = 2), `${AT} query limit: minimum was 1, is 2`],
  ['another pattern', (d) => (put(d).parameters[0].schema.pattern = '^b'), `${AT} path key: pattern was ^a, is ^b`],
  [
    'a value that is no longer taken',
    (d) => put(d).parameters[2].schema.enum.pop(),
    `${AT} query kind: no longer takes "b"`,
  ],
  ['a body required', (d) => (put(d).requestBody.required = true), `${AT} body: has become required`],
  ['no body taken', (d) => delete put(d).requestBody, `${BODY}: is gone`],
  ['a member of a request gone', (d) => delete wish(d).properties.note, `${BODY}.note: is gone`],
  ['a member of a request required', (d) => wish(d).required.push('kind'), `${BODY}.kind: has become required`],
  [
    'a new member of a request required',
    (d) => Object.assign(wish(d), { required: ['name', 'by'], properties: { ...wish(d).properties, by: {} } }),
    `${BODY}.by: has become required`,
  ],
  [
    'null no longer taken',
    (d) => (wish(d).properties.note = { type: 'string' }),
    `${BODY}.note: was string or null, is string`,
  ],
  ['another type taken', (d) => (wish(d).properties.name.type = 'integer'), `${BODY}.name: was string, is integer`],
  ['only some values taken', (d) => (wish(d).properties.name.enum = ['a']), `${BODY}.name: takes only some values`],
  ['a shorter text taken', (d) => (wish(d).properties.name.maxLength = 9), `${BODY}.name: maxLength was 10, is 9`],
  [
    'a limit where none was',
    (d) => (wish(d).properties.list.maxItems = 9),
    `${BODY}.list: maxItems was undefined, is 9`,
  ],
  [
    'other items taken',
    (d) => (wish(d).properties.list.items.type = 'number'),
    `${BODY}.list[]: was string, is number`,
  ],
  [
    'further members refused',
    (d) => (wish(d).properties.more.additionalProperties = false),
    `${BODY}.more: takes no further members`,
  ],
  ['a success gone', (d) => delete put(d).responses[200], `${AT} 200: is gone`],
  ['a success that is new', (d) => (put(d).responses[202] = {}), `${AT} 202: is an answer that nobody expects`],
  ['a media type gone', (d) => (put(d).responses[200].content = {}), `${ANSWER}: is gone`],
  ['a header gone', (d) => delete put(d).responses[200].headers.Link, `${AT} 200 header Link: is gone`],
  [
    'a header left out',
    (d) => delete put(d).responses[200].headers.ETag.required,
    `${AT} 200 header ETag: may be left out`,
  ],
  [
    'a header spelled otherwise',
    (d) => (put(d).responses[200].headers.ETag.schema.pattern = '^'),
    `${AT} 200 header ETag: is spelled otherwise`,
  ],
  ['a member of an answer gone', (d) => delete thing(d).properties.kind, `${ANSWER}.kind: is gone`],
  ['a member of an answer left out', (d) => thing(d).required.shift(), `${ANSWER}.id: may be left out`],
  ['another type answered', (d) => (thing(d).properties.id.type = 'string'), `${ANSWER}.id: was integer, is string`],
  [
    'null answered where it was not',
    (d) => (thing(d).properties.part = { anyOf: [thing(d).properties.part, { type: 'null' }] }),
    `${ANSWER}.part: was object, is object or null`,
  ],
  ['a limit of an answer passed', (d) => (thing(d).properties.id.minimum = 0), `${ANSWER}.id: minimum was 1, is 0`],
  [
    'any value answered',
    (d) => (thing(d).properties.kind = { type: 'string' }),
    `${ANSWER}.kind: is no longer one of some values`,
  ],
  [
    'another format answered',
    (d) => delete thing(d).properties.at.format,
    `${ANSWER}.at: format was date-time, is undefined`,
  ],
  ['a change behind a reference', (d) => (part(d).required = []), `${ANSWER}.part.size: may be left out`],
  ['an alternative gone', (d) => thing(d).properties.one.oneOf.pop(), `${ANSWER}.one: an alternative is gone`],
  [
    'a code of another status',
    (d) => (d.components.responses.taken = problem('taken', 422)),
    'code taken: was 409, is 422',
  ],
  ['a code gone', (d) => (d.components.responses.taken = problem('kept', 409)), 'code taken: is gone'],
];

const compatible: Array<readonly [string, (document: Json) => void]> = [
  ['a new path', (d) => (d.paths['/new'] = { get: { operationId: 'new', responses: { 200: {} } } })],
  ['a new parameter', (d) => put(d).parameters.push({ name: 'by', in: 'query', schema: { type: 'string' } })],
  ['a higher maximum', (d) => (put(d).parameters[1].schema.maximum = 500)],
  ['no more maximum', (d) => delete put(d).parameters[1].schema.maximum],
  ['a new value taken', (d) => put(d).parameters[2].schema.enum.push('c')],
  ['a new member of a request', (d) => (wish(d).properties.by = { type: 'string' })],
  ['a member that need no longer be given', (d) => (wish(d).required = [])],
  ['null taken', (d) => (wish(d).properties.name = { anyOf: [wish(d).properties.name, { type: 'null' }] })],
  ['further members taken', (d) => delete wish(d).additionalProperties],
  ['a new member of an answer', (d) => (thing(d).properties.more = { type: 'string' })],
  ['a member that is always there', (d) => thing(d).required.push('kind')],
  ['null no longer answered', (d) => (thing(d).properties.note = { type: 'string' })],
  ['a new value answered', (d) => thing(d).properties.kind.enum.push('c')],
  ['a new alternative answered', (d) => thing(d).properties.one.oneOf.push({ type: 'object', properties: {} })],
  ['a narrower answer', (d) => (thing(d).properties.id.minimum = 5)],
  ['a new refusal', (d) => (put(d).responses[422] = problem('odd', 422))],
  ['a refusal that no longer comes from here', (d) => delete put(d).responses[409]],
  ['another code for the same', (d) => (put(d).responses[409] = problem('odd', 409))],
  ['a new header', (d) => (put(d).responses[200].headers.More = { schema: {} })],
  ['a schema of another name', (d) => Object.assign(thing(d).properties, { part: part(d) })],
  ['no token asked for', (d) => (put(d).security = [])],
];

const kafka = (): Json => ({
  channels: {
    in: {
      address: 'x.in',
      messages: { Wish: { $ref: '#/components/messages/Wish' } },
      bindings: { kafka: { partitions: 12 } },
    },
    out: {
      address: 'x.out',
      messages: { Fact: { $ref: '#/components/messages/Fact' } },
      bindings: { kafka: { partitions: 12, topicConfiguration: { 'cleanup.policy': ['compact'] } } },
    },
  },
  operations: {
    in: { action: 'receive', channel: { $ref: '#/channels/in' } },
    out: { action: 'send', channel: { $ref: '#/channels/out' } },
  },
  components: {
    messages: {
      Wish: { payload: { type: 'object', properties: { a: { type: 'string' } } } },
      Fact: {
        contentType: 'application/json',
        headers: { type: 'object', required: ['ce_id'], properties: { ce_id: { type: 'string' } } },
        payload: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
        bindings: { kafka: { key: { type: 'string' } } },
      },
    },
  },
});
const fact = (document: Json): Json => document.components.messages.Fact;
const asked = (document: Json): Json => document.components.messages.Wish;

const breakingTopics: Case[] = [
  ['a topic gone', (d) => delete d.channels.out, 'x.out: is gone'],
  ['a topic of another name', (d) => (d.channels.out.address = 'y.out'), 'x.out: is gone'],
  ['other partitions', (d) => (d.channels.out.bindings.kafka.partitions = 6), 'out: had 12 partitions, has 6'],
  [
    'no compaction',
    (d) => (d.channels.out.bindings.kafka.topicConfiguration['cleanup.policy'] = ['delete']),
    'out: was compact, is delete',
  ],
  ['a message gone', (d) => (d.channels.out.messages = {}), 'out Fact: is gone'],
  ['a header left out', (d) => (fact(d).headers.required = []), 'out Fact headers.ce_id: may be left out'],
  ['a member left out', (d) => (fact(d).payload.required = []), 'out Fact value.a: may be left out'],
  ['another key', (d) => (fact(d).bindings.kafka.key.type = 'integer'), 'out Fact key: was string, is integer'],
  ['another media type', (d) => (fact(d).contentType = 'text/plain'), 'out Fact: was application/json, is text/plain'],
  [
    'a member of a command required',
    (d) => (asked(d).payload.required = ['a']),
    'in Wish value.a: has become required',
  ],
];

const compatibleTopics: Array<readonly [string, (document: Json) => void]> = [
  ['a new topic', (d) => (d.channels.more = { address: 'x.more', messages: {} })],
  ['a new message', (d) => (d.channels.out.messages.New = { payload: {} })],
  ['a new member', (d) => (fact(d).payload.properties.b = {})],
  ['a new header', (d) => (fact(d).headers.properties.ce_more = {})],
  ['a new member of a command', (d) => (asked(d).payload.properties.b = {})],
];

const edited = (document: Json, edit: (document: Json) => void): Json => {
  edit(document);
  return document;
};

describe('over HTTP', () => {
  it('nothing breaks while nothing changes', () => {
    expect(openApiBreaks(http(), http())).toEqual([]);
  });

  it.each(breaking)('%s breaks', (_what, edit, expected) => {
    expect(openApiBreaks(http(), edited(http(), edit))).toEqual([expected]);
  });

  it.each(compatible)('%s breaks nothing', (_what, edit) => {
    expect(openApiBreaks(http(), edited(http(), edit))).toEqual([]);
  });
});

describe('over Kafka', () => {
  it('nothing breaks while nothing changes', () => {
    expect(asyncApiBreaks(kafka(), kafka())).toEqual([]);
  });

  it.each(breakingTopics)('%s breaks', (_what, edit, expected) => {
    expect(asyncApiBreaks(kafka(), edited(kafka(), edit))).toEqual([expected]);
  });

  it.each(compatibleTopics)('%s breaks nothing', (_what, edit) => {
    expect(asyncApiBreaks(kafka(), edited(kafka(), edit))).toEqual([]);
  });
});
