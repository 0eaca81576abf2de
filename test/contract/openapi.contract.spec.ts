import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiText } from '../../apps/server/src/http/openapi-text.js';
import type { TestDatabase } from '../support/database.js';
import {
  API,
  newTarget,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type TestServer,
} from '../support/server.js';

const committed = readFileSync(new URL('../../libs/contracts/openapi.json', import.meta.url), 'utf8');
const document: Loose = JSON.parse(committed);
const operations: Array<[string, string, Loose]> = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Loose>(methods).map(([method, operation]): [string, string, Loose] => [method, path, operation]),
);

describe('openapi.json', () => {
  it('is current: `npm run contracts` makes it anew', async () => {
    expect(committed).toBe(await openApiText());
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
    for (const [, name] of committed.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it('asks for a token everywhere below /api, and nowhere else', () => {
    for (const [, path, { security }] of operations)
      expect([path, security]).toEqual([path, path.startsWith(API) ? undefined : []]);
    expect(document.security).toEqual([{ token: [] }]);
  });
});

describe('each answer', () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
  let database: TestDatabase;
  let api: TestServer;
  beforeAll(async () => {
    ajv.addSchema({ $id: 'openapi', ...document });
    database = await testDatabase();
    api = await startTestServer(database);
  });
  afterAll(async () => {
    await api?.server.close();
    await database?.drop();
  });

  /** The operation's schema for an answer of this status and type. */
  const schemaFor = (operation: Loose, status: number, type: string): ValidateFunction => {
    const { content } = operation.responses[status] ?? operation.responses.default;
    const schema = JSON.stringify(content[type].schema).replaceAll('"#/', '"openapi#/');
    return ajv.compile(JSON.parse(schema));
  };
  const check = async (
    method: string,
    template: string,
    at: { path: string; body?: object; query?: string },
  ): Promise<Loose> => {
    const operation = document.paths[template][method.toLowerCase()];
    const { status, headers, body } = await api.call(at.path + (at.query ?? ''), { method, body: at.body });
    const valid = schemaFor(operation, status, headers.get('content-type')!.split(';')[0]!);
    expect({ template, status, found: valid(body), errors: valid.errors }).toMatchObject({ found: true, errors: null });
    return body;
  };

  it('is as it says, accepted or refused', async () => {
    const { path, project } = await newTarget(api, { settings: { approvals: [{ name: 'qa', required: 1 }] } });
    const T = `${API}/projects/{project}/targets/{target}`;
    const link = { label: 'CI', url: 'https://ci.example/1' };
    const commitRefs = [{ repository: 'r', branch: 'b', commit: 'c' }];
    await check('POST', `${API}/projects/{project}/targets`, {
      path: `${API}/projects/${project}/targets`,
      body: { key: 'a', name: 'A' },
    });
    await check('PATCH', T, { path, body: { labels: { a: 'b' } } });
    await check('POST', `${T}/schedule`, {
      path: `${path}/schedule`,
      body: { version: '1', scheduledFor: '2030-01-01T00:00:00Z' },
    });
    await check('POST', `${T}/start`, { path: `${path}/start`, body: { version: '1' } });
    await check('POST', `${T}/finish`, {
      path: `${path}/finish`,
      body: { version: '2', commitRefs, externalLink: link, metadata: { a: [1] } },
    });
    await check('POST', `${T}/fail`, { path: `${path}/fail`, body: { version: '3', reason: 'no' } });
    await check('POST', `${T}/fail`, { path: `${path}/fail`, body: { nope: 1 } });
    await check('POST', `${T}/deployments/{number}/approve`, { path: `${path}/deployments/1/approve`, body: {} });
    const { position } = await check('POST', `${T}/deployments/{number}/start`, {
      path: `${path}/deployments/2/start`,
      body: {},
    }).then(() => check('DELETE', T, { path: `${API}/projects/${project}/targets/a` }));
    const query = `?min_position=${position}`;
    for (const [template, at] of [
      [`${API}/projects`, `${API}/projects`],
      [`${API}/projects/{project}/targets`, `${API}/projects/${project}/targets`],
      [T, path],
      [`${T}/current`, `${path}/current`],
      [`${T}/current`, `${API}/projects/${unique('x')}/targets/t/current`],
      [`${T}/deployments`, `${path}/deployments`],
      [`${T}/deployments/{number}`, `${path}/deployments/1`],
      [`${T}/deployments/{number}/timeline`, `${path}/deployments/1/timeline`],
      [`${T}/commands/{commandId}`, `${path}/commands/nope`],
      [`${API}/current`, `${API}/current`],
      [`${API}/deployments`, `${API}/deployments`],
      [`${API}/events`, `${API}/events`],
      [`${API}/status`, `${API}/status`],
    ] as const)
      await check('GET', template, { path: at, query });
  }, 30_000);
});
