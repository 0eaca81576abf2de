import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { streamOf } from '#domain';
import type { LoggedEvent } from './cloud-events.js';
import { EventLines, type EventBytes } from './event-lines.js';
import { eventText } from './event-text.js';

const STORE = '0f9b1c6e-5c1f-4a53-9f5b-7f6f3a4f2f10';
const people = { actor: { id: 'p-1', kind: 'user' } };
const service = { actor: { id: 'ci', kind: 'service' } };

const bytesOf = (event: LoggedEvent): EventBytes => {
  const { stream, type, data, metadata, commandId, occurredAt, recordedAt } = event;
  const texts = [stream, type, data, metadata, commandId];
  const bytes = Buffer.from(`head${texts.join('|')}tail`);
  let end = 3;
  const [inStream, inType, inData, inMetadata, inCommandId] = texts.map((text) => {
    const start = end + 1;
    end = start + Buffer.byteLength(text);
    return { start, end };
  }) as [Span, Span, Span, Span, Span];
  const { position, version } = event;
  const members = { stream: inStream, type: inType, data: inData, metadata: inMetadata, commandId: inCommandId };
  const [occurred, recorded] = [occurredAt, recordedAt].map((time) => ({ bytes: Buffer.from(time) }));
  return { bytes, position, version, ...members, occurredAt: occurred!, recordedAt: recorded! };
};
type Span = Readonly<{ start: number; end: number }>;

const key = fc.oneof(fc.stringMatching(/^[a-z0-9._~-]{1,12}$/), fc.string({ unit: 'grapheme', minLength: 1 }));
const microseconds = fc.constantFrom('000000', '500000', '120000', '000001', '123456', '999990');
const time = microseconds.map((digits) => `2026-11-20T10:00:00.${digits}Z`);
const data = fc.oneof(
  fc.record({ number: fc.nat(), text: fc.string({ unit: 'binary' }), list: fc.array(fc.double()) }).map(asJson),
  fc.record({ text: fc.string({ unit: 'grapheme' }), number: fc.nat() }).map(asJson),
  fc.constantFrom('{"number":9007199254740991}', '{"number":3,"claimedBy":{"id":"p-1"}}', '{"number":1,"from":1.50}'),
);
const actor = fc.record({ id: fc.string({ unit: 'grapheme' }), kind: fc.constant('service') });
const metadata = fc.oneof(
  fc.constantFrom(service, people).map(asJson),
  fc.record({ actor, traceparent: fc.constantFrom('00-a-b-01', '00-c-d-01') }).map(asJson),
);
const event: fc.Arbitrary<LoggedEvent> = fc.record({
  position: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  stream: fc.tuple(key, key).map(([project, target]) => streamOf(project, target)),
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  type: fc.constantFrom('TargetCreated', 'DeploymentFinished'),
  data,
  metadata,
  commandId: fc.string({ unit: 'grapheme', minLength: 1 }),
  occurredAt: time,
  recordedAt: time,
});

function asJson(value: unknown): string {
  return JSON.stringify(value);
}

describe('events as lines', () => {
  it('are byte for byte their texts, unless somebody is to be named', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const lines = new EventLines(STORE);
        const written = events.filter((each) => lines.write(bytesOf(each)));
        const expected = written.map((each) => `${eventText(STORE, each)}\n`).join('');
        expect(Buffer.concat(lines.take()).toString()).toBe(expected);
        const left = events.filter((each) => !written.includes(each));
        expect(left.every((each) => each.metadata.includes('user') || each.data.includes('By'))).toBe(true);
        expect(lines.take()).toEqual([]);
      }),
    );
  });

  it('leave out people who acted or were claimed', () => {
    const plain = fc.sample(event, { numRuns: 1, seed: 1 })[0]!;
    const lines = new EventLines(STORE);
    const write = (more: Partial<LoggedEvent>) => lines.write(bytesOf({ ...plain, ...more }));
    const nameless = { data: '{"number":1}', metadata: asJson(service) };
    expect(write(nameless)).toBe(true);
    expect(write({ ...nameless, metadata: asJson(people) })).toBe(false);
    expect(write({ ...nameless, data: '{"number":1,"claimedBy":{"id":"p-1"}}' })).toBe(false);
  });

  it('come in pieces when they are long, and one is as long as it has to be', () => {
    const [plain] = fc.sample(event, { numRuns: 1, seed: 1 });
    const long = { ...plain!, metadata: asJson(service), data: asJson({ number: 1, text: 'ü'.repeat(50_000) }) };
    const lines = new EventLines(STORE);
    const events = Array.from({ length: 9 }, (_, index) => ({ ...long, position: index + 1 }));
    for (const each of [...events, { ...long, data: asJson({ number: 2, text: 'x'.repeat(400_000) }) }])
      expect(lines.write(bytesOf(each))).toBe(true);
    const pieces = lines.take();
    expect(pieces.length).toBeGreaterThan(3);
    const text = Buffer.concat(pieces).toString();
    expect(text.split('\n').map((line) => line && JSON.parse(line).position)).toEqual([
      ...events.map(({ position }) => position),
      long.position,
      '',
    ]);
  });
});
