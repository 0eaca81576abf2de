import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ajvKeywords, problems, type ProblemCode } from '#contracts';
import { openApiText } from '../../apps/server/src/http/openapi-text.js';
import { API, type Loose } from '../support/server.js';

const committed = readFileSync(new URL('../../libs/contracts/openapi.json', import.meta.url), 'utf8');
const document: Loose = JSON.parse(committed);
const operations: Array<[string, string, Loose]> = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Loose>(methods).map(([method, operation]): [string, string, Loose] => [method, path, operation]),
);

const deref = (what: Loose): Loose =>
  what?.$ref
    ? what.$ref
        .split('/')
        .slice(1)
        .reduce((at: Loose, part: string) => at[part], document)
    : what;

const ajv = new Ajv2020({ strict: false, validateFormats: false, keywords: ajvKeywords });
ajv.addSchema({ $id: 'openapi', ...document });
const errorsOf = (schema: object, value: unknown): unknown => {
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')));
  return validate(value) ? null : validate.errors;
};

type Shown = Readonly<{ where: string; schema: object; values: readonly unknown[] }>;
const mediaOf = (where: string, { content }: Loose): Shown[] =>
  Object.entries<Loose>(content ?? {}).map(([type, { schema, example, examples }]) => ({
    where: `${where} ${type}`,
    schema,
    values: [example, ...Object.values<Loose>(examples ?? {}).map((each) => deref(each).value)].filter(
      (value) => value !== undefined,
    ),
  }));

/** Everything of an operation that is to have an example: parameters, bodies, answers, refusals. */
const shownBy = ([method, path, { parameters, requestBody, responses }]: [string, string, Loose]): Shown[] => {
  const where = `${method} ${path}`;
  return [
    ...parameters.map(({ name, schema, example }: Loose) => ({
      where: `${where} ${name}`,
      schema,
      values: example === undefined ? (schema.examples ?? []) : [example],
    })),
    ...(requestBody ? mediaOf(`${where} body`, requestBody) : []),
    ...Object.entries<Loose>(responses).flatMap(([status, response]) => mediaOf(`${where} ${status}`, deref(response))),
  ];
};

describe('openapi.json', () => {
  it('is current: `npm run contracts` makes it anew', async () => {
    expect(committed).toBe(await openApiText());
  });

  it('is an OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect({ valid, errors, version: validator.version }).toEqual({ valid: true, errors: undefined, version: '3.1' });
  });

  it('names each operation once, and every parameter of its paths', () => {
    const ids = operations.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, path, { parameters }] of operations) {
      const declared = parameters
        .filter(({ in: place }: Loose) => place === 'path')
        .map(({ name }: Loose) => `{${name}}`);
      expect(declared).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it('refers to nothing that is not there', () => {
    const references = [...committed.matchAll(/"\$ref": "(#\/components\/[^"]+)"/g)].map(([, $ref]) => $ref);
    expect(references.length).toBeGreaterThan(100);
    for (const $ref of references) expect([$ref, deref({ $ref })]).toEqual([$ref, expect.any(Object)]);
  });

  it('asks for a token everywhere below /api, and nowhere else', () => {
    for (const [, path, { security }] of operations)
      expect([path, security]).toEqual([path, path.startsWith(API) ? undefined : []]);
    expect(document.security).toEqual([{ token: [] }]);
  });

  it.each(operations)('says what %s %s is for', (_method, _path, { summary, tags }) => {
    expect({ summary, tags }).toEqual({ summary: expect.stringMatching(/^[A-Z]/), tags: [expect.any(String)] });
  });

  it.each(operations)('shows %s %s with examples that are as their schemas say', (...operation) => {
    const shown = shownBy(operation);
    expect(shown.filter(({ values }) => values.length === 0).map(({ where }) => where)).toEqual([]);
    const wrong = shown.flatMap(({ where, schema, values }) =>
      values.map((value) => [where, errorsOf(schema, value)]).filter(([, errors]) => errors !== null),
    );
    expect(wrong).toEqual([]);
  });
});

describe('refusals', () => {
  const refusals = operations.flatMap(([, , { responses }]) =>
    Object.entries<Loose>(responses)
      .filter(([status]) => status >= '400')
      .map(([status, response]): [string, Loose] => [status, deref(response)]),
  );
  const codesIn = ({ content }: Loose): string[] => Object.keys(content?.['application/problem+json']?.examples ?? {});

  it('stand at the status of their codes', () => {
    for (const [status, response] of refusals)
      for (const code of status === 'default' ? [] : codesIn(response))
        expect([code, String(problems[code as ProblemCode].status)]).toEqual([code, status]);
  });

  it('have every code of the catalogue somewhere, but that of a route that is not there', () => {
    const shown = new Set(refusals.flatMap(([, response]) => codesIn(response)));
    expect([...shown, 'not_found'].sort()).toEqual(Object.keys(problems).sort());
  });

  it('say how long to wait where it is worth while', () => {
    for (const [status, { headers }] of refusals.filter(([at]) => ['429', '503'].includes(at)))
      expect([status, headers]).toEqual([status, { 'Retry-After': expect.objectContaining({ required: true }) }]);
  });
});
