import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { deploymentEventTypes, evolveDeployment, findDeployment, targetDecider, targetEventTypes } from '#domain';
import type { PlacedEvent } from '#domain';
import { emptyStream, create, finish, refs, send, start } from '#domain/testing';
import { asyncApiDocument, asyncApiText } from './asyncapi.js';
import { ajvKeywords } from './check.js';
import { answerSchemas, componentSchemas } from './components.js';
import { eventDataSchemas } from './event-schemas.js';
import { presentAnswer } from './wire.js';

const folder = new URL('../', import.meta.url);
const ajv = new Ajv({ strict: true, strictTypes: false, formats: { 'date-time': true }, keywords: ajvKeywords });
const golden = readdirSync(new URL('golden/', folder))
  .sort()
  .map((file) => JSON.parse(readFileSync(new URL(`golden/${file}`, folder), 'utf8')) as PlacedEvent);

describe('the golden samples', () => {
  it('have every event type', () => {
    const types = new Set(golden.map(({ type }) => type));
    expect([...types].sort()).toEqual([...targetEventTypes, ...deploymentEventTypes].sort());
  });

  it.each(golden.map((event) => [event.version, event.type, event] as const))(
    '%d %s has its schema',
    (_at, type, event) => {
      const schema = eventDataSchemas[type];
      expect(ajv.validate(schema, event.data) || ajv.errors).toBe(true);
      expect(Object.keys(schema['properties'] as object)).toEqual(expect.arrayContaining(Object.keys(event.data)));
    },
  );

  it('are one story that the domain still folds', () => {
    let target = targetDecider.initial('web-shop', 'production', { history: true });
    for (const event of golden) {
      const { data } = event;
      const before = 'number' in data ? findDeployment(target, data.number) : null;
      target = targetDecider.evolve(target, { ...event, position: event.version });
      expect(target.version).toBe(event.version);
      if (!('number' in data)) continue;
      const after = findDeployment(target, data.number);
      expect(after).toEqual(evolveDeployment(before, { ...event, position: event.version }));
      expect(after?.status).toBe(event.type === 'DeploymentDeleted' ? undefined : data.status);
    }
    expect(target).toMatchObject({ exists: false, version: golden.length, lastNumber: 4, open: [], current: null });
  });
});

describe('the schemas', () => {
  it('of bodies, answers and events compile, and refer to nothing that is missing', () => {
    const schemas = componentSchemas();
    const whole = { $id: 'whole', components: { schemas }, $ref: '#/components/schemas/Answer' };
    const compiler = new Ajv({ strict: false, formats: { 'date-time': true } });
    compiler.addSchema(whole);
    for (const name of Object.keys(schemas))
      expect(compiler.getSchema(`whole#/components/schemas/${name}`)).toBeInstanceOf(Function);
  });

  it('describe an answer whole', () => {
    const story = [create(), start({ version: '1.4.0', commitRefs: refs('release@abc1234') }), finish({})].reduce(
      (stream, sending) => send(stream, sending).stream,
      emptyStream,
    );
    const outcome = { commandId: 'c', outcome: 'accepted', position: 1003, version: 3, events: [] } as const;
    const answer = presentAnswer({ outcome, target: story.target, deployment: story.target.current });
    const check = new Ajv({ strict: false, formats: { 'date-time': true } }).compile({
      components: { schemas: componentSchemas() },
      $ref: '#/components/schemas/Answer',
    });
    expect(check(answer) || check.errors).toBe(true);
    expect(Object.keys(answer.deployment ?? {})).toEqual(
      Object.keys(answerSchemas['Deployment']?.['properties'] as object),
    );
  });
});

describe('asyncapi.json', () => {
  it('is current: `npm run contracts` writes it', () => {
    expect(readFileSync(new URL('asyncapi.json', folder), 'utf8')).toBe(asyncApiText());
  });

  it('refers to nothing that is missing', () => {
    const document = asyncApiDocument();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(30);
    for (const path of references) {
      const found = path
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
      expect([path, found]).toEqual([path, expect.any(Object)]);
    }
  });
});
