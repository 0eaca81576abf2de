import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandExamples, commandRoutes, isCommandOperation, type Step } from '#contracts';
import { API, unique, type Loose, type Reply } from '../support/server.js';
import { suiteServer } from '../support/suite.js';

const api = suiteServer();
let routes: Map<string, { method: string; path: string }>;
beforeAll(async () => {
  const { body: document } = await api.call('/openapi.json');
  routes = new Map(
    Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Loose>(methods).map(([method, { operationId }]) => [operationId, { path, method }]),
    ),
  );
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

describe('a read', () => {
  const commitRefs = [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }];
  let known: Record<string, string>;
  let position: number;
  beforeAll(async () => {
    const project = unique('project');
    await send('CreateTarget', project, { key: 'production' });
    const { body } = await send('FinishDeployment', project, { version: '1.4.0', commitRefs });
    ({ position } = (await send('ScheduleDeployment', project, { version: '1.5.0' })).body);
    const { commandId, deployment } = body;
    known = {
      project,
      target: 'production',
      number: '1',
      id: deployment.id,
      commandId,
      sha: 'abc1234',
      issue: 'SHOP-123',
      version: '1.4.0',
      position: '1',
    };
    while ((await api.call(`${API}/audit/checkpoints`)).body.items.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
  });

  /** Its path with what is there, and of its query what it requires, as the document shows it. */
  const urlOf = (path: string, { parameters }: Loose): string => {
    const at = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => known[name]!);
    const required = parameters.filter((each: Loose) => each.in === 'query' && each.required);
    const query = new URLSearchParams(required.map(({ name, example }: Loose) => [name, example]));
    if (path.startsWith(API)) query.set('min_position', String(position));
    return `${at}?${query}`;
  };

  it('answers by its path and what its query requires, as it is documented', async () => {
    const { body: document } = await api.call('/openapi.json');
    const reads = Object.entries<Loose>(document.paths)
      .flatMap(([path, { get }]) => (get ? [[path, get]] : []))
      .filter(([, { responses }]) => !responses['200'].content['text/event-stream']);
    expect(reads.length).toBeGreaterThan(20);
    const statuses: unknown[] = [];
    for (const [path, get] of reads) statuses.push([path, (await api.call(urlOf(path, get))).status]);
    expect(statuses).toEqual(reads.map(([path]) => [path, 200]));
  });
});
