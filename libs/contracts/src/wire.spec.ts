import { describe, expect, it } from '@jest/globals';
import { initialTarget, targetDecider, type Deployment } from '#domain';
import { send, start, schedule } from '#domain/testing';
import { ceHeadersOf, ceHeadersOfCurrent, ceHeadersOfOutcome, ceTypeOf, type LoggedEvent } from './cloud-events.js';
import { answerText } from './answer-text.js';
import { answerSchemas } from './components.js';
import { peopleIn } from './people.js';
import { story } from './testing/story.js';
import { presentAnswer, presentDeployment, presentEvent, presentOutcome, presentTarget } from './wire.js';

const current = story.target.current as Deployment;
const membersOf = (name: string) => Object.keys(answerSchemas[name]?.['properties'] as object);

describe('presentDeployment', () => {
  it('has the members of api.md, in that order', () => {
    expect(Object.keys(presentDeployment('web-shop', 'production', current))).toEqual(
      (
        'id project target number status version commitRefs externalLink description metadata scheduledFor createdAt ' +
        'startedAt finishedAt endedAt supersededBy rollbackOf violations failureReason actor'
      ).split(' '),
    );
    expect(presentDeployment('web-shop', 'production', current)).toMatchObject({
      id: 1002,
      number: 1,
      status: 'current',
    });
  });

  it('shows people by the names that are given, and services as they are', () => {
    const byAnn = { ...current, actor: { id: 'p-1', kind: 'user' } as const };
    const people = new Map([['p-1', { id: 'ann', name: 'Ann' }]]);
    expect(presentDeployment('p', 't', byAnn, people).actor).toEqual({ id: 'ann', name: 'Ann', kind: 'user' });
    expect(presentDeployment('p', 't', byAnn).actor).toEqual({ id: 'p-1', kind: 'user' });
    expect(presentDeployment('p', 't', current, new Map([['ci', { id: 'x' }]])).actor).toEqual({
      id: 'ci',
      kind: 'service',
    });
  });

  it('refuses to invent an id', () => {
    const unplaced = { ...current, created: { version: 2, position: null } };
    expect(() => presentDeployment('p', 't', unplaced)).toThrow('is not filled in');
  });
});

describe('presentTarget', () => {
  it('has the members of api.md, in that order, with what is current, in flight and next', () => {
    const target = presentTarget(story.target);
    expect(Object.keys(target)).toEqual(
      (
        'project key name description repositories environmentType externalUrl labels settings version createdAt ' +
        'current inFlight next'
      ).split(' '),
    );
    expect(target).toMatchObject({ version: 4, current: { number: 1 }, inFlight: null, next: { number: 2 } });
  });
});

const logged: LoggedEvent = {
  position: 4713,
  stream: 'target:octocat%2Fexample/review%2F42',
  version: 17,
  type: 'DeploymentFinished',
  data: JSON.stringify({ number: 42, from: 'deploying', status: 'current', claimedBy: { id: 'p-2' } }),
  metadata: JSON.stringify({
    actor: { id: 'p-1', kind: 'user' },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }),
  commandId: 'c-1',
  occurredAt: '2026-11-20T10:00:00.000000Z',
  recordedAt: '2026-11-20T10:00:01.000000Z',
};

describe('presentEvent', () => {
  it('has the members of api.md, in that order', () => {
    const people = new Map([['p-1', { id: 'ann', name: 'Ann' }]]);
    expect(JSON.stringify(presentEvent('s-1', logged, people))).toBe(
      JSON.stringify({
        position: 4713,
        id: 's-1/4713',
        type: 'DeploymentFinished',
        project: 'octocat/example',
        target: 'review/42',
        version: 17,
        number: 42,
        occurredAt: '2026-11-20T10:00:00.000000Z',
        recordedAt: '2026-11-20T10:00:01.000000Z',
        actor: { id: 'ann', name: 'Ann', kind: 'user' },
        commandId: 'c-1',
        data: { number: 42, from: 'deploying', status: 'current', claimedBy: { id: 'p-2' } },
      }),
    );
  });

  it('has no number where it is about the target', () => {
    expect(presentEvent('s', { ...logged, type: 'TargetChanged', data: '{"key":"x","version":3}' }).number).toBeNull();
  });

  it('says whose names it lacks', () => {
    expect(peopleIn([logged], [current]).sort()).toEqual(['p-1', 'p-2']);
  });
});

describe('presentOutcome and presentAnswer', () => {
  const rejected = {
    commandId: 'c-1',
    outcome: 'rejected',
    code: 'not_allowed_from',
    detail: 'It is current.',
    from: 'current',
    number: 42,
    position: 4713,
    version: 17,
    events: [],
  } as const;
  const accepted = {
    commandId: 'c-2',
    outcome: 'accepted',
    number: 1,
    position: 1003,
    version: 3,
    events: [{ type: 'DeploymentFinished', version: 3, position: 1003 }],
  } as const;

  it('have the members of api.md, in that order', () => {
    expect(JSON.stringify(presentOutcome(rejected))).toBe(
      '{"commandId":"c-1","outcome":"rejected","code":"not_allowed_from","detail":"It is current.","from":"current",' +
        '"position":4713,"version":17,"events":[]}',
    );
    const answer = presentAnswer({ outcome: accepted, target: story.target, deployment: current });
    expect(Object.keys(answer)).toEqual(membersOf('Answer'));
    expect(answer.deployment).toEqual(answer.target?.current);
    expect(presentAnswer({ outcome: accepted, target: story.target, deployment: null }).deployment).toBeNull();
  });

  it('are the same as text, whoever sent them', () => {
    const byAnn = { ...current, actor: { id: 'p-1', kind: 'user' } as const };
    const people = new Map([['p-1', { id: 'ann', name: 'Ann "the" Ü' }]]);
    const busy = send(send(story, start({ version: '9' })).stream, schedule({ version: '10' })).stream.target;
    const first = { ...initialTarget('p', 't'), exists: true };
    for (const target of [story.target, { ...story.target, current: byAnn }, busy, first, null]) {
      for (const deployment of [target?.current ?? null, busy.open.at(-1)!, byAnn, null]) {
        const answer = { outcome: accepted, target, deployment };
        expect(answerText(answer, people)).toBe(JSON.stringify(presentAnswer(answer, people)));
      }
    }
    const none = { outcome: rejected, target: null, deployment: null };
    expect(answerText(none)).toBe(JSON.stringify(presentAnswer(none)));
  });
});

describe('the headers of a CloudEvent', () => {
  it.each([
    ['DeploymentFinished', 'io.shiplog.deployment.finished.v1'],
    ['TargetCreated', 'io.shiplog.target.created.v1'],
  ])('%s is %s', (type, ceType) => expect(ceTypeOf(type)).toBe(ceType));

  it('are those of api.md for an event', () => {
    expect(ceHeadersOf('s-1', logged)).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: 's-1/4713',
      ce_source: 'urn:shiplog:s-1',
      ce_type: 'io.shiplog.deployment.finished.v1',
      ce_subject: 'octocat%2Fexample/review%2F42/42',
      ce_time: '2026-11-20T10:00:00.000000Z',
      ce_sequence: '0000000000000004713',
      ce_partitionkey: 'octocat%2Fexample/review%2F42',
      ce_recordedtime: '2026-11-20T10:00:01.000000Z',
      ce_correlationid: '0af7651916cd43dd8448eb211c80319c',
      ce_causationid: 'c-1',
      ce_streamversion: '17',
      ce_actorid: 'p-1',
      ce_actorkind: 'user',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
  });

  it('name the target alone where there is no deployment, and the command where there is no trace', () => {
    const event = { ...logged, type: 'TargetCreated', data: '{}', metadata: '{"actor":{"id":"ci","kind":"service"}}' };
    expect(ceHeadersOf('s-1', event)).toMatchObject({
      ce_subject: 'octocat%2Fexample/review%2F42',
      ce_correlationid: 'c-1',
    });
  });

  it('tell outcomes from events by their ids', () => {
    const outcome = { stream: logged.stream, commandId: 'c-1', seq: 9, version: 17, recordedAt: logged.recordedAt };
    expect(ceHeadersOfOutcome('s-1', outcome, { outcome: 'rejected' })).toMatchObject({
      ce_id: 's-1/outcomes/9',
      ce_type: 'io.shiplog.command.rejected.v1',
      ce_sequence: '0000000000000000009',
      ce_correlationid: 'c-1',
      ce_causationid: 'c-1',
    });
  });

  it('go on with the trace of the command, for outcomes too', () => {
    const outcome = { stream: logged.stream, commandId: 'c-1', seq: 9, version: 17, recordedAt: logged.recordedAt };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = ceHeadersOfOutcome('s-1', outcome, { outcome: 'accepted', traceparent });
    expect(headers).toMatchObject({ ce_correlationid: traceparent.split('-')[1], traceparent });
    expect(ceHeadersOfOutcome('s-1', outcome, { outcome: 'accepted' })).not.toHaveProperty('traceparent');
  });

  it('give each target and each value at one place an id of its own, and the same value the same', () => {
    const idOf = (key: string, value: string | null): string =>
      ceHeadersOfCurrent('s-1', { key, position: 9, time: logged.recordedAt, value })['ce_id']!;
    expect(idOf('a/b', '{"number":1}')).toMatch(/^s-1\/current\/a\/b\/9\/[0-9a-f]{16}$/);
    expect(idOf('a/b', null)).toBe('s-1/current/a/b/9/none');
    expect(idOf('a/b', '{"number":1}')).toBe(idOf('a/b', '{"number":1}'));
    expect(idOf('a/b', '{"number":2}')).not.toBe(idOf('a/b', '{"number":1}'));
    expect(idOf('a/c', '{"number":1}')).not.toBe(idOf('a/b', '{"number":1}'));
  });
});

it('takes the state as the domain begins it', () => {
  expect(targetDecider.initial('a', 'b')).toEqual(initialTarget('a', 'b'));
});
