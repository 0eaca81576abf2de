import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { ajvKeywords, componentSchemas } from '#contracts';
import { deploymentEventTypes, publicCommandTypes, targetEventTypes } from '#domain';
import { topicNames } from '#kafka';
import { closed } from '../support/contract.js';
import type { Loose } from '../support/server.js';
import { checkRecord } from '../support/topic-contract.js';
import type { TopicRecord } from '../support/topic.js';

const document: Loose = JSON.parse(
  readFileSync(new URL('../../libs/contracts/asyncapi.json', import.meta.url), 'utf8'),
);
const messages = Object.entries<Loose>(document.components.messages);
const ajv = new Ajv({ strict: false, validateFormats: false, keywords: ajvKeywords });
ajv.addSchema({ $id: 'asyncapi', components: closed(document.components) });
const compile = (schema: object): ValidateFunction =>
  ajv.compile(JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"asyncapi#/')));

describe('asyncapi.json', () => {
  it('is an AsyncAPI 3.0 document', () => {
    const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;
    const meta = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    expect([meta(document), meta.errors]).toEqual([true, null]);
  });

  it('has the six topics, as they are made', () => {
    const bindings = Object.values<Loose>(document.channels).map(({ address, bindings: { kafka } }) => [
      address,
      kafka.topic,
      kafka.partitions,
      kafka.topicConfiguration,
    ]);
    const made = (topic: string, policy: string): unknown[] => [
      topic,
      topic,
      12,
      { 'cleanup.policy': [policy], 'compression.type': 'gzip' },
    ];
    const { commands, outcomes, events, current, dead, checkpoints } = topicNames('shiplog.');
    const [name, topic, partitions, config] = made(checkpoints, 'delete');
    expect(bindings).toEqual([
      ...[commands, outcomes, events].map((topic) => made(topic, 'delete')),
      made(current, 'compact'),
      [name, topic, partitions, { ...(config as object), 'retention.ms': -1 }],
      made(dead, 'delete'),
    ]);
  });

  it('has a message for every command and every event, and says what its key is', () => {
    expect(messages.map(([name]) => name).sort()).toEqual(
      [
        ...publicCommandTypes.map((type) => `${type}Command`),
        ...[...targetEventTypes, ...deploymentEventTypes],
        ...['CloudEventCommand', 'Outcome', 'Current', 'Checkpoint', 'DeadCommand'],
      ].sort(),
    );
    for (const [name, { bindings }] of messages) expect([name, bindings.kafka.key]).toEqual([name, expect.any(Object)]);
  });

  it.each(messages)('shows %s with examples that are as its schemas say', (_name, { headers, payload, examples }) => {
    const checks = { headers: compile(headers), payload: compile(payload) };
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples)
      for (const part of ['headers', 'payload'] as const)
        expect([part in example && !checks[part](example[part]), checks[part].errors]).toEqual([false, null]);
  });

  it('says of events, deployments and outcomes what openapi.json says', () => {
    const schemas = componentSchemas();
    for (const name of ['Actor', 'Deployment', 'Outcome', 'Checkpoint', ...targetEventTypes, ...deploymentEventTypes])
      expect(document.components.schemas[name]).toEqual(schemas[name]);
  });
});

describe('a record that the service writes', () => {
  const finished = document.components.messages.DeploymentFinished.examples[0];
  const record = {
    ...{ partition: 0, offset: 0 },
    key: Buffer.from('web-shop/production'),
    value: Buffer.from(JSON.stringify(finished.payload)),
    headers: finished.headers as Record<string, string>,
  };
  const valueWith = (more: object): Buffer => Buffer.from(JSON.stringify({ ...finished.payload, ...more }));

  it('passes as it is documented', () => {
    expect(() => checkRecord('test.events', record)).not.toThrow();
  });

  it.each<[string, Partial<TopicRecord>, RegExp]>([
    ['of another type', { headers: { ...record.headers, ce_type: 'io.shiplog.x.v1' } }, /its type is not documented/],
    ['under another key', { key: Buffer.from('web-shop') }, /its key is web-shop/],
    ['with a header more', { headers: { ...record.headers, ce_more: '1' } }, /"additionalProperty":"ce_more"/],
    ['with a member more', { value: valueWith({ more: 1 }) }, /"additionalProperty":"more"/],
    ['with another status', { value: valueWith({ status: 'failed' }) }, /\/status must be equal to one/],
    ['without a value', { value: null }, /must be object/],
  ])('%s fails the test that reads it', (_what, change, message) => {
    expect(() => checkRecord('test.events', { ...record, ...change })).toThrow(message);
  });
});
