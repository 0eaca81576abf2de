import { describe, expect, it } from '@jest/globals';
import type { LoggedEvent } from './cloud-events.js';
import { eventText } from './event-text.js';
import { peopleIn } from './people.js';

const people = new Map([['p-1', { id: 'ann', name: 'Ann "the" Ü' }]]);
const eventOf = (data: object, metadata: object, more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  position: 7,
  stream: 'target:octo%2Fcat/review%2F"42"'.replaceAll('"', '%22'),
  version: 2,
  type: 'DeploymentFinished',
  data: JSON.stringify(data),
  metadata: JSON.stringify(metadata),
  commandId: 'a "quoted" \\ id\u2028',
  occurredAt: '2026-11-20T10:00:00.000000Z',
  recordedAt: '2026-11-20T10:00:01.000000Z',
  ...more,
});
const service = { actor: { id: 'ci', kind: 'service' } };
const shown = (event: LoggedEvent) => JSON.parse(eventText('s', event, people));

describe('an event as text', () => {
  it('is JSON on one line, whatever stands in keys, ids and data', () => {
    const event = eventOf({ number: 3, description: 'two\nlines "quoted" \u2028' }, service);
    expect(eventText('s', event)).not.toMatch(/[\n\r]/);
    expect(shown(event)).toMatchObject({
      project: 'octo/cat',
      target: 'review/"42"',
      number: 3,
      commandId: event.commandId,
      data: JSON.parse(event.data),
    });
  });

  it('has the data byte for byte as they were stored', () => {
    const data = '{"number":3,"metadata":{"b":1.50,"a":1e2,"\\u0041":"\\/"}}';
    expect(eventText('s', eventOf({}, service, { data }))).toContain(`,"data":${data}}`);
  });

  it('names people who acted or were claimed, and nobody else', () => {
    const claimed = { number: 3, claimedBy: { id: 'p-1' } };
    const event = eventOf(claimed, { actor: { id: 'p-1', kind: 'user' }, traceparent: '00-1-2-01' });
    expect(peopleIn([event])).toEqual(['p-1']);
    expect(shown(event)).toMatchObject({
      actor: { id: 'ann', name: people.get('p-1')!.name, kind: 'user' },
      data: { number: 3, claimedBy: people.get('p-1') },
    });
    expect(shown(eventOf(claimed, { actor: { id: 'p-1', kind: 'service' } })).actor).toEqual({
      id: 'p-1',
      kind: 'service',
    });
  });

  it('takes no member of the metadata, and no text, for a claimant', () => {
    for (const description of ['"claimedBy":{"id":"p-1"}', '\\"claimedBy\\":'])
      expect(peopleIn([eventOf({ number: 1, description }, service)])).toEqual([]);
    const nested = eventOf({ number: 1, metadata: { claimedBy: { id: 'p-1' } } }, service);
    expect([peopleIn([nested]), shown(nested).data.metadata]).toEqual([[], { claimedBy: { id: 'p-1' } }]);
  });

  it('shows who has been forgotten by the opaque id', () => {
    const event = eventOf({ number: 1, claimedBy: { id: 'p-9' } }, { actor: { id: 'p-8', kind: 'user' } });
    expect([shown(event).actor, shown(event).data.claimedBy]).toEqual([{ id: 'p-8', kind: 'user' }, { id: 'p-9' }]);
  });

  it('forgets nobody’s trace into the actor of another', () => {
    const [one, two] = ['00-a-b-01', '00-c-d-01'].map((traceparent) =>
      eventOf({ number: 1 }, { ...service, traceparent }),
    );
    expect([shown(one!).actor, shown(two!).actor]).toEqual([service.actor, service.actor]);
  });
});
