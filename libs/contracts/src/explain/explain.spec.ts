import { describe, expect, it } from '@jest/globals';
import { deploymentEventTypes, streamOf, targetEventTypes, type PlacedEvent } from '#domain';
import {
  approve,
  cancel,
  change,
  changeDeployment,
  create,
  deleteDeployment,
  due,
  fail,
  finish,
  given,
  person,
  PROJECT,
  refs,
  reject,
  remove,
  retire,
  rollback,
  schedule,
  sentBy,
  start,
  TARGET,
  timeOut,
  type Sending,
} from '#domain/testing';
import type { LoggedEvent } from '../cloud-events.js';
import { explain, sentenceOf, toldOf, type Explanation } from './explain.js';

const people = new Map([['kim', { id: 'p-7', name: 'Kim' }]]);
const logged = (event: PlacedEvent): LoggedEvent => ({
  position: event.position!,
  stream: streamOf(PROJECT, TARGET),
  version: event.version,
  type: event.type,
  data: JSON.stringify(event.data),
  metadata: JSON.stringify({ actor: event.actor }),
  commandId: 'c',
  occurredAt: event.occurredAt,
  recordedAt: event.occurredAt,
});

/** A target after these commands, with all the events of whatever is told. */
const explained = (...past: Sending[]): Explanation => {
  const { target, events } = given(...past).stream;
  const all = events.map(logged);
  const about = (number: number) =>
    all.filter(({ data }) => {
      const { number: own, supersededBy } = JSON.parse(data) as { number?: number; supersededBy?: number };
      return own === number || supersededBy === number;
    });
  const told = Object.values(toldOf(target)).flat();
  return explain(
    target,
    {
      events: new Map(told.map(({ number }) => [number, { events: about(number), count: about(number).length }])),
      settingsSet: all[Math.max(target.settingsVersion, 1) - 1],
      stopped: all.findLast(({ data }) => (JSON.parse(data) as { from?: string }).from === 'current'),
    },
    people,
  );
};

/** How the last event of these commands is told. */
const lastSaid = (...past: Sending[]): string => {
  const all = given(...past).stream.events.map(logged);
  return sentenceOf(all.at(-1)!, all, people).says;
};

const approvals = [{ name: 'qa', required: 1 }];
const one = { version: '1.3.9', commitRefs: refs('release@abc1234') };
const two = { version: '1.4.0', commitRefs: refs('release@def5678') };
const limits = { hanging: { enabled: true, afterMinutes: 30 }, failing: { enabled: true, afterMinutes: 120 } };
const kim = person('kim');

/** What was sent, and how the last event of it is told. */
const told: ReadonlyArray<[says: string, ...past: Sending[]]> = [
  ['ci created the target production.', create()],
  ['Kim created the target production again.', create(), remove(), sentBy(kim, create())],
  ['ci changed the target production.', create(), change({ requireSchedule: true })],
  ['ci deleted the target production.', create(), remove()],
  ['ci scheduled 1.3.9 (#1) from web-shop:release@abc1234.', create(), schedule(one)],
  [
    'ci scheduled 1.3.9 (#1) for 2026-12-01T22:00:00Z.',
    create(),
    schedule({ version: '1.3.9', scheduledFor: '2026-12-01T22:00:00.000000Z' }),
  ],
  [
    'ci scheduled 1.3.9 (#1), blocked until it has the approvals that the target asks for.',
    create({ approvals }),
    schedule({ version: '1.3.9' }),
  ],
  [
    'Kim approved 1.3.9 (#1) for the rule qa.',
    create({ approvals: [{ name: 'qa', required: 2 }] }),
    schedule(one),
    approve(1, 'kim'),
  ],
  [
    '1.3.9 (#1) lacked no approval any more and became scheduled.',
    create({ approvals }),
    schedule(one),
    approve(1, 'kim'),
  ],
  [
    'Kim rejected 1.3.9 (#1) (“not on a Friday”), which canceled it.',
    create({ approvals }),
    schedule(one),
    sentBy(kim, reject(1, 'not on a Friday')),
  ],
  [
    '1.3.9 (#1) came to be due, as it was scheduled for 2026-11-21T10:00:00.5Z.',
    create(),
    schedule({ version: '1.3.9', scheduledFor: '2026-11-21T10:00:00.500000Z' }),
    due(1),
  ],
  ['ci started 1.3.9 (#1) from web-shop:release@abc1234.', create(), start(one)],
  [
    'ci started 1.3.9 (#1), which was scheduled, and changed its commits, which had been web-shop:release.',
    create(),
    schedule({ ...one, commitRefs: refs('release') }),
    start(one),
  ],
  ['ci started 1.3.9 (#1) again, which was hanging.', create(limits), start(one), timeOut(1, hungBy()), start(one)],
  [
    'ci started 1.3.9 (#3) from web-shop:release@abc1234, to roll back #2.',
    create(),
    finish(one),
    finish(two),
    rollback(),
  ],
  [
    'ci started 1.4.0 (#1) from web-shop:release@def5678 in place of 1.3.9 from web-shop:release@abc1234, which was deploying.',
    create(),
    start(one),
    start(two),
  ],
  [
    'ci changed 1.4.0 (#1): its version, which had been 1.3.9, its link and when it is scheduled for, which had been no certain time.',
    create(),
    schedule(one),
    changeDeployment({
      number: 1,
      version: '1.4.0',
      externalLink: { url: 'https://ci.example/1' },
      scheduledFor: '2026-12-01T22:00:00.000000Z',
    }),
  ],
  [
    'ci changed 1.4.0 (#1): its version, which had been 1.3.9, which took the approvals given so far back.',
    create({ approvals: [{ name: 'qa', required: 2 }] }),
    schedule(one),
    approve(1, 'kim'),
    changeDeployment({ number: 1, version: '1.4.0' }),
  ],
  [
    '1.3.9 (#1) became hanging, as it had been deploying for longer than the target allows, which was until 2026-11-20T10:31:00Z.',
    create(limits),
    start(one),
    timeOut(1, hungBy()),
  ],
  ['ci finished 1.3.9 (#1) from web-shop:release@abc1234.', create(), finish(one)],
  ['ci finished 1.4.0 (#2), which replaced 1.3.9 (#1).', create(), finish(one), start(two), finish(two)],
  [
    'ci finished 1.3.9 (#3), which rolled back 1.4.0 (#2).',
    create(),
    finish(one),
    finish(two),
    rollback(),
    finish({ number: 3 }),
  ],
  ['ci finished 1.3.9 (#1), which had failed before.', create(limits), start(one), timeOut(1), finish(one)],
  [
    'ci finished 1.3.9 (#1) from web-shop:release@abc1234, without the approvals that the target asks for and without having been scheduled, as the target asks for.',
    create({ approvals, requireSchedule: true }),
    finish(one),
  ],
  ['ci took 1.3.9 (#1) down, with nothing in its place.', create(), finish(one), retire(1)],
  [
    '1.3.9 (#1) failed by time-out, as it had been in flight for longer than the target allows, which was until 2026-11-20T12:01:00Z.',
    create(limits),
    start(one),
    timeOut(1),
  ],
  ['ci reported that 1.3.9 (#1) failed (“smoke test”).', create(), start(one), fail({ ...one, reason: 'smoke test' })],
  ['ci reported that 1.3.9 (#1), which was current, failed.', create(), finish(one), fail({ number: 1 })],
  ['ci reported that 1.3.9 (#1) from web-shop:release@abc1234 failed.', create(), fail(one)],
  ['ci canceled 1.3.9 (#1), which was deploying.', create(), start(one), cancel(one)],
  ['ci deleted 1.3.9 (#1), which was failed.', create(), fail(one), deleteDeployment(1)],
];

/** Past the first limit and before the second. */
function hungBy() {
  return '2026-11-20T10:40:00.000000Z';
}

describe('An event is told', () => {
  it.each(told)('%s', (says, ...past) => {
    expect(lastSaid(...past)).toBe(says);
  });

  it('with who sends it and for whom', () => {
    const claimed = create();
    const sent = { ...claimed, context: { claimedBy: { id: 'kim' } } };
    expect(lastSaid(sent)).toBe('ci (for Kim) created the target production.');
  });

  it('whatever its type is', () => {
    const types = new Set(told.flatMap(([, ...past]) => given(...past).stream.events.map(({ type }) => type)));
    expect([...types].sort()).toEqual([...targetEventTypes, ...deploymentEventTypes].sort());
    // What stands before the event that a command is about.
    const { current } = explained(create(), finish(one), finish(two));
    expect(current!.events.map(({ says }) => says)).toEqual([
      '1.3.9 (#1) was completed, as #2 took its place.',
      'ci finished 1.4.0 (#2) from web-shop:release@def5678, which replaced 1.3.9 (#1).',
    ]);
    const back = explained(create(), finish(one), finish(two), rollback(), finish({ number: 3 }));
    expect(back.current!.events.map(({ says }) => says)).toContain('1.4.0 (#2) was rolled back by #3.');
  });
});

describe('A target is explained', () => {
  it('where nothing runs, by what ended what ran last', () => {
    expect(explained(create())).toMatchObject({
      ...{
        summary: 'nothing runs on production.',
        current: null,
        stopped: null,
        inFlight: [],
        waiting: [],
        omitted: 0,
      },
      settings: { set: { version: 1, position: 1001 }, says: [] },
    });
    expect(explained(create(), finish(one), retire(1))).toMatchObject({
      stopped: { number: 1, type: 'DeploymentRetired', says: 'ci took 1.3.9 (#1) down, with nothing in its place.' },
    });
  });

  it('by all that made what is current, what is in flight and what waits, and when that changes by itself', () => {
    const explanation = explained(
      create({ ...limits, approvals }),
      schedule(two),
      approve(1, 'kim'),
      start({ commitRefs: refs('release') }),
      finish({ commitRefs: refs('release') }),
      schedule({ version: '1.5.0', commitRefs: refs('main@1') }),
      approve(2, 'kim'),
      start({ commitRefs: refs('main') }),
      schedule({ version: '1.6.0', scheduledFor: '2026-12-01T22:00:00.000000Z' }),
    );
    expect(explanation).toEqual({
      project: PROJECT,
      target: TARGET,
      version: 11,
      summary:
        '1.4.0 (#1) runs on production since 2026-11-20T10:04:00Z, 1.5.0 (#2) is deploying and 1.6.0 (#3) is blocked.',
      current: expect.objectContaining({
        number: 1,
        version: '1.4.0',
        status: 'current',
        summary: '1.4.0 (#1) is current since 2026-11-20T10:04:00Z.',
        expects: [],
        eventCount: 5,
      }),
      stopped: null,
      inFlight: [
        expect.objectContaining({
          number: 2,
          status: 'deploying',
          summary: '1.5.0 (#2) is deploying since 2026-11-20T10:07:00Z.',
          expects: [
            {
              kind: 'hanging',
              at: '2026-11-20T10:37:00.000000Z',
              says: '1.5.0 (#2) will be hanging at 2026-11-20T10:37:00Z, unless it ends before.',
            },
            {
              kind: 'failing',
              at: '2026-11-20T12:07:00.000000Z',
              says: '1.5.0 (#2) will fail by time-out at 2026-11-20T12:07:00Z, unless it ends before.',
            },
          ],
        }),
      ],
      waiting: [
        expect.objectContaining({
          number: 3,
          status: 'blocked',
          expects: [{ kind: 'approvals', at: null, says: '1.6.0 (#3) waits for approvals: qa (0 of 1 given).' }],
        }),
      ],
      omitted: 0,
      settings: {
        set: expect.objectContaining({ type: 'TargetCreated', version: 1 }),
        says: [
          'A scheduled deployment is blocked until it has the approvals qa (1).',
          'What is deploying for 30 minutes becomes hanging.',
          'What is in flight for 120 minutes fails.',
        ],
      },
    });
    expect(explanation.current!.events.map(({ type, says }) => [type, says])).toEqual([
      [
        'DeploymentBlocked',
        'ci scheduled 1.4.0 (#1) from web-shop:release@def5678, blocked until it has the approvals that the target asks for.',
      ],
      ['DeploymentApproved', 'Kim approved 1.4.0 (#1) for the rule qa.'],
      ['DeploymentUnblocked', '1.4.0 (#1) lacked no approval any more and became scheduled.'],
      ['DeploymentStarted', 'ci started 1.4.0 (#1), which was scheduled.'],
      ['DeploymentFinished', 'ci finished 1.4.0 (#1).'],
    ]);
  });

  it('with what comes next before what else waits, and how many are left out', () => {
    const scheduled = Array.from({ length: 25 }, (_, index) =>
      schedule({
        version: `${index}`,
        commitRefs: refs(`b${index}`),
        ...(index === 22 ? { scheduledFor: '2026-12-01T22:00:00.000000Z' } : {}),
      }),
    );
    const { summary, waiting, omitted } = explained(create(), ...scheduled);
    expect(summary).toBe('nothing runs on production and 25 deployments wait, 22 (#23) next.');
    expect([waiting[0]!.number, waiting[1]!.number, waiting.length, omitted]).toEqual([23, 1, 20, 5]);
    expect(waiting[0]!.expects).toEqual([
      { kind: 'due', at: '2026-12-01T22:00:00.000000Z', says: '22 (#23) will be due at 2026-12-01T22:00:00Z.' },
    ]);
  });

  it('says what the settings in force forbid', () => {
    expect(explained(create(), change({ requireSchedule: true, manualControls: false })).settings).toMatchObject({
      set: { type: 'TargetChanged', version: 2 },
      says: [
        'Only what was scheduled before may start.',
        'Persons may only approve and reject: the manual controls are off.',
      ],
    });
  });
});
