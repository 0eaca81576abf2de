import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { publicCommandTypes, subjectOf } from '#domain';
import { BadInput } from './bad-input.js';
import type { CommandMessage } from './cloud-command.js';
import { fingerprintOf } from './fingerprint.js';
import { parseKafkaCommand } from './kafka-command.js';
import { hostile, nearValidBody } from './testing/bodies.js';

const now = '2026-11-20T10:00:00.000000Z';
const bytes = (text: string) => new TextEncoder().encode(text);
const bare = {
  commandId: '6f6c',
  type: 'FinishDeployment',
  project: 'web-shop',
  target: 'production',
  actor: { id: 'jenkins', kind: 'service' },
  occurredAt: '2026-11-20T10:00:00Z',
  expectedVersion: 17,
  data: { version: '1.4.0', commitRefs: [{ repository: 'web-shop', branch: 'release', commit: 'abc1234' }] },
};
const message = (value: unknown, more: Partial<CommandMessage> = {}): CommandMessage => ({
  key: bytes('web-shop/production'),
  value: bytes(JSON.stringify(value)),
  ...more,
});
const parse = (sent: CommandMessage) => parseKafkaCommand(sent, { now });

const binary = (attributes: Record<string, string> = {}) =>
  message(bare, {
    headers: {
      ce_specversion: '1.0',
      ce_id: bytes('a-1'),
      ce_type: bytes('io.shiplog.command.FinishDeployment.v1'),
      ce_source: '/jenkins',
      'content-type': 'application/json',
      ...attributes,
    },
  });
const structured = (attributes: object = {}) =>
  message(
    {
      specversion: '1.0',
      id: 'a-1',
      source: '/jenkins',
      type: 'io.shiplog.command.FinishDeployment.v1',
      data: bare,
      ...attributes,
    },
    { headers: { 'content-type': bytes('application/cloudevents+json; charset=utf-8') } },
  );

describe('parseKafkaCommand', () => {
  it('reads the bare command of api.md', () => {
    expect(parse(message(bare))).toEqual({
      commandId: '6f6c',
      project: 'web-shop',
      target: 'production',
      actor: { id: 'jenkins', kind: 'service' },
      occurredAt: now,
      expectedVersion: 17,
      command: { type: 'FinishDeployment', project: 'web-shop', target: 'production', data: bare.data },
      fingerprintParts: {
        type: 'FinishDeployment',
        data: bare.data,
        expectedVersion: 17,
        occurredAt: '2026-11-20T10:00:00Z',
        actor: { id: 'jenkins', kind: 'service' },
      },
    });
  });

  it('reads the same from a CloudEvent, binary and structured, whose id goes before commandId', () => {
    const expected = { ...parse(message(bare)), commandId: 'a-1' };
    expect(parse(binary())).toEqual(expected);
    expect(parse(structured())).toEqual(expected);
    const data_base64 = Buffer.from(JSON.stringify(bare)).toString('base64');
    expect(parse(structured({ data: undefined, data_base64 }))).toEqual(expected);
    expect(fingerprintOf(parse(structured()).fingerprintParts)).toEqual(
      fingerprintOf(parse(message({ ...bare, commandId: 'another' })).fingerprintParts),
    );
  });

  it('leaves out what was not sent', () => {
    const sent = parse(message({ type: 'DeleteTarget', project: 'web-shop', target: 'production', data: {} }));
    expect(Object.keys(sent)).toEqual(['command', 'project', 'target', 'fingerprintParts']);
  });

  it('names a given deployment by data.number, and needs it where there is no other way', () => {
    expect(parse(message({ ...bare, data: { number: 42 } })).command.data).toEqual({ number: 42 });
    expect(() => parse(message({ ...bare, type: 'RetireDeployment', data: {} }))).toThrow('data.number: must be given');
    expect(() => parse(message({ ...bare, type: 'ScheduleDeployment', data: { number: 42 } }))).toThrow(
      'data.number: is not a member here',
    );
  });

  it('keeps the fingerprint to what was sent', () => {
    const one = parse(message({ ...bare, data: { scheduledFor: '2026-11-20T12:00:00+01:00' } }));
    const other = parse(message({ ...bare, data: { scheduledFor: '2026-11-20T11:00:00Z' } }));
    expect(one.command).toEqual(other.command);
    expect(fingerprintOf(one.fingerprintParts)).not.toEqual(fingerprintOf(other.fingerprintParts));
  });

  it('takes the key of a new target only where it is the target', () => {
    const create = { type: 'CreateTarget', project: 'web-shop', target: 'production' };
    expect(parse(message({ ...create, data: { key: 'production' } })).command.data).toEqual({});
    expect(() => parse(message({ ...create, data: { key: 'staging' } }))).toThrow('data.key: is not the target');
  });

  it('knows keys with / by their percent-encoding, in its one spelling', () => {
    const review = { ...bare, project: 'octocat/example', target: 'review/42' };
    const sent = (key: string) => parse(message(review, { key: bytes(key) }));
    expect(sent('octocat%2Fexample/review%2F42').target).toBe('review/42');
    for (const key of ['octocat/example/review/42', 'octocat%2fexample/review%2f42', 'octocat%2Fexample/review%2F4%32'])
      expect(() => sent(key)).toThrow('key: is not that of its project and target');
  });

  it('takes the trace from the headers, and leaves a broken one aside', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(parse(message(bare, { headers: { traceparent: bytes(traceparent) } })).traceparent).toBe(traceparent);
    expect(parse(binary({ ce_traceparent: traceparent })).traceparent).toBe(traceparent);
    expect(parse(structured({ traceparent })).traceparent).toBe(traceparent);
    for (const broken of ['00-zz', new Uint8Array([0xff]), [bytes(traceparent), bytes(traceparent)]])
      expect(parse(message(bare, { headers: { traceparent: broken } }))).not.toHaveProperty('traceparent');
  });

  it.each<[string, CommandMessage, string]>([
    ['no key', message(bare, { key: null }), 'key: is missing'],
    ['another key', message(bare, { key: bytes('web-shop/staging') }), 'key: is not that of'],
    ['a key that is not UTF-8', message(bare, { key: new Uint8Array([0xff]) }), 'key: is not UTF-8'],
    ['no value', message(bare, { value: null }), 'value: is missing'],
    ['an empty value', message(bare, { value: bytes('') }), 'value: is empty'],
    ['a value that is no command', message([]), 'value: must be object'],
    ['an unknown type', message({ ...bare, type: 'TimeOutDeployment' }), 'type: must be one of'],
    ['a type of every object', message({ ...bare, type: 'constructor' }), 'type: must be one of'],
    ['an unknown member', message({ ...bare, priority: 1 }), 'priority: is not a member here'],
    ['an unknown member of the data', message({ ...bare, data: { a: 1 } }), 'data.a: is not a member here'],
    ['a report in the data', message({ ...bare, data: { occurredAt: now } }), 'data.occurredAt: is not a member here'],
    ['no data', message({ ...bare, data: undefined }), 'data: must be given'],
    ['null for no version', message({ ...bare, expectedVersion: null }), 'expectedVersion: must'],
    ['an id as an object', message({ ...bare, commandId: { id: 1 } }), 'commandId: must'],
    ['an id of ours', message({ ...bare, commandId: 'shiplog:1' }), 'commandId: must'],
    ['an id that is too long', message({ ...bare, commandId: 'x'.repeat(256) }), 'commandId: must'],
    ['an actor without a kind', message({ ...bare, actor: { id: 'x' } }), 'actor.kind: must be given'],
    ['a project that is no key', message({ ...bare, project: ' web-shop' }), 'project: must be'],
    ['a time to come', message({ ...bare, occurredAt: '2026-11-20T10:06:00Z' }), 'occurredAt: is more than five'],
    ['another ce_type', binary({ ce_type: 'io.shiplog.command.FailDeployment.v1' }), 'ce_type: must be'],
    ['no ce_type', message(bare, { headers: { ce_id: 'a-1' } }), 'ce_type: must be'],
    ['an empty ce_id', binary({ ce_id: '' }), 'ce_id: must be 1 to 255'],
    ['a ce_id of ours', binary({ ce_id: 'shiplog:x' }), 'ce_id: must be 1 to 255'],
    ['an old specversion', binary({ ce_specversion: '0.3' }), 'ce_specversion: must be 1.0'],
    ['two ids', message(bare, { headers: { ce_id: ['a', 'b'] } }), 'ce_id: stands more than once'],
    [
      'a header that is not UTF-8',
      message(bare, { headers: { ce_id: new Uint8Array([0xff]) } }),
      'ce_id: is not UTF-8',
    ],
    ['a structured event without data', structured({ data: undefined }), 'value: must be a CloudEvent'],
    ['data that is no base64', structured({ data: undefined, data_base64: '{}' }), 'data_base64: must be base64'],
    ['data that is no JSON in base64', structured({ data: undefined, data_base64: 'e30x' }), 'data_base64: '],
    ['a structured event of another type', structured({ type: 'x' }), 'type: must be io.shiplog.command'],
    [
      'a batch of CloudEvents',
      message([], { headers: { 'content-type': 'application/cloudevents-batch+json' } }),
      'content-type: must be application/cloudevents+json',
    ],
  ])('refuses %s', (_what, sent, reason) => {
    expect(() => parse(sent)).toThrow(BadInput);
    expect(() => parse(sent)).toThrow(reason);
  });

  it('throws nothing but BadInput, whatever is sent', () => {
    const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(null), fc.json().map(bytes));
    const nearlyCommands = fc
      .constantFrom(...publicCommandTypes)
      .chain((type) =>
        fc.tuple(
          fc.constant(type),
          nearValidBody(type),
          fc.constantFrom(...Object.keys(bare)),
          fc.constantFrom(undefined, ...hostile),
        ),
      )
      .map(([type, data, member, value]) => message({ ...bare, type, data, [member]: value }));
    const anyHeaders = fc.dictionary(
      fc.constantFrom('ce_id', 'ce_type', 'ce_specversion', 'content-type', 'traceparent', 'toString'),
      fc.oneof(fc.string(), fc.uint8Array({ maxLength: 9 }), fc.constant('application/cloudevents+json')),
    );
    const anything = fc.record({ key: anyBytes, value: anyBytes, headers: anyHeaders });
    fc.assert(
      fc.property(fc.oneof(anything, nearlyCommands), (sent) => {
        try {
          const { project, target } = parse(sent);
          expect(subjectOf(project, target)).toBe('web-shop/production');
        } catch (error) {
          if (!(error instanceof BadInput)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
