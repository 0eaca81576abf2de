import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { deploymentEventTypes, evolveDeployment, findDeployment, publicCommandTypes } from '#domain';
import { targetDecider, targetEventTypes } from '#domain';
import type { PlacedEvent } from '#domain';
import { emptyStream, create, finish, refs, send, start } from '#domain/testing';
import { asyncApiDocument, asyncApiText } from './asyncapi.js';
import { ajvKeywords } from './check.js';
import { answerSchemas, componentSchemas } from './components.js';
import { eventsSchemaDocument, eventsSchemaText } from './event-documents.js';
import { eventDataSchemas } from './event-schemas.js';
import { answerExamples } from './examples/answers.js';
import { parseKafkaCommand } from './kafka-command.js';
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

type Message = Readonly<{
  topic: string;
  key: string;
  headers: Record<string, string>;
  value: { type: string } | null;
}>;
const messages = readdirSync(new URL('golden-messages/', folder))
  .sort()
  .map((file): [string, Message] => [
    file,
    JSON.parse(readFileSync(new URL(`golden-messages/${file}`, folder), 'utf8')) as Message,
  ]);
const written = messages.filter(([, { topic }]) => topic !== 'commands');

const nameOf = { outcomes: 'Outcome', current: 'Current', checkpoints: 'Checkpoint' } as const;

describe('the golden messages', () => {
  it('have every command, the outcomes, what is current and its tombstone, and a checkpoint', () => {
    const commands = messages.filter(([, { topic }]) => topic === 'commands').map(([, { value }]) => value!.type);
    expect(new Set(commands)).toEqual(new Set(publicCommandTypes));
    expect(written.map(([file]) => file.replace(/^\d+-/, ''))).toEqual(
      expect.arrayContaining([
        'Outcome-accepted.json',
        'Outcome-rejected.json',
        'Current-current.json',
        'Current-tombstone.json',
        'Checkpoint-signed.json',
      ]),
    );
  });

  it.each(messages.filter(([, { topic }]) => topic === 'commands'))(
    '%s is still taken for the command that it was',
    (_file, { key, headers, value }) => {
      const { command, commandId } = parseKafkaCommand(
        { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)), headers },
        { now: '2026-11-20T12:00:00.000000Z' },
      );
      expect(command).toMatchObject({ type: value!.type, project: 'web-shop', target: 'production' });
      expect(commandId).toBe(headers['ce_id'] ?? (value as { commandId?: string }).commandId);
    },
  );

  it.each(written)('%s is what is still written', (_file, { topic, headers, value }) => {
    const { messages: named } = asyncApiDocument()['components'] as { messages: Record<string, Schemas> };
    const { headers: head, payload } = named[nameOf[topic as keyof typeof nameOf]]!;
    const check = new Ajv({ strict: false, formats: { 'date-time': true } });
    const components = { schemas: componentSchemas() };
    expect(check.validate({ ...head, components }, headers) || check.errors).toBe(true);
    expect(check.validate({ ...payload, components }, value) || check.errors).toBe(true);
  });
});

type Schemas = Readonly<{ headers: object; payload: object }>;

describe('events.schema.json', () => {
  const validator = new Ajv2020({ strict: false, formats: { 'date-time': true } });
  validator.addSchema(eventsSchemaDocument());

  it('is current: `npm run contracts` writes it', () => {
    expect(readFileSync(new URL('events.schema.json', folder), 'utf8')).toBe(eventsSchemaText());
  });

  it.each(golden)('has the data of $type, sample $version', ({ type, data }) => {
    const check = validator.getSchema(`urn:shiplog:schemas:events#/$defs/${type}`)!;
    expect(check(data) || check.errors).toBe(true);
  });

  it('has an event whole, whose data follows from its type', () => {
    const check = validator.getSchema('urn:shiplog:schemas:events')!;
    const event = answerExamples['Event'] as object;
    expect(check(event) || check.errors).toBe(true);
    expect(check({ ...event, type: 'DeploymentFailed' })).toBe(false);
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
