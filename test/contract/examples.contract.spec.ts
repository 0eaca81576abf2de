import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandExamples, commandRoutes, isCommandOperation, type Step } from '#contracts';
import type { TestDatabase } from '../support/database.js';
import {
  API,
  startTestServer,
  testDatabase,
  unique,
  type Loose,
  type Reply,
  type TestServer,
} from '../support/server.js';

let database: TestDatabase;
let api: TestServer;
let routes: Map<string, { method: string; path: string }>;
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
  const { body: document } = await api.call('/openapi.json');
  routes = new Map(
    Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Loose>(methods).map(([method, { operationId }]) => [operationId, { path, method }]),
    ),
  );
});
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

/** Sends a request as the document has it, in a project of the test's own. */
const send = (operation: string, project: string, body?: object): Promise<Reply> => {
  const { method, path } = routes.get(operation)!;
  const at = path.replace('{project}', project).replace('{target}', 'production').replace('{number}', '1');
  return api.call(at, { method: method.toUpperCase(), ...(body ? { body } : {}) });
};

/** A value by its kind: ids, positions and times differ from one store to the next. */
const kindOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(kindOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, kindOf(inner)]));
  return value === null ? null : typeof value;
};
const worded = (value: unknown): string => JSON.stringify(kindOf(value));

const operationOf = ({ type, number }: Step): string => {
  const numbered = `${type}ByNumber`;
  return number !== undefined && isCommandOperation(numbered) ? numbered : type;
};

const examples = Object.keys(commandRoutes)
  .filter(isCommandOperation)
  .flatMap((operation) => commandExamples(operation).map((example) => [operation, example.status, example] as const));

describe('the example', () => {
  it.each(examples)(
    'of %s with %s is what the service answers',
    async (operation, status, { before, body, answer }) => {
      const project = unique('project');
      for (const step of before) expect((await send(operationOf(step), project, step.body)).status).toBeLessThan(300);
      const reply = await send(operation, project, body);
      expect(reply.status).toBe(Number(status));
      expect(reply.body.events.map(({ type }: Loose) => type)).toEqual(answer.events.map(({ type }) => type));
      expect(worded(reply.body)).toBe(worded(answer));
    },
  );
});

describe('a route', () => {
  it('answers what its document shows, by path alone', async () => {
    const project = unique('project');
    await send('CreateTarget', project, { key: 'production' });
    await send('FinishDeployment', project, { version: '1.4.0' });
    const { body } = await send('ScheduleDeployment', project, { version: '1.5.0' });
    const reads = [...routes].filter(
      ([, { method, path }]) => method === 'get' && !/\{(?!project|target|number)/.test(path),
    );
    expect(reads.length).toBeGreaterThan(15);
    for (const [operation, { path }] of reads) {
      const at = path.replace('{project}', project).replace('{target}', 'production').replace('{number}', '1');
      const { status } = await api.call(path.startsWith(API) ? `${at}?min_position=${body.position}` : at);
      expect([operation, status]).toEqual([operation, 200]);
    }
  });
});
