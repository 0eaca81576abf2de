import { describe, expect, it } from '@jest/globals';
import {
  approve,
  change,
  create,
  finish,
  given,
  PROJECT,
  refs,
  retire,
  rollback,
  schedule,
  start,
  TARGET,
  type Sending,
} from '#domain/testing';
import { logged } from '../testing/logged.js';
import { explain, toldOf, type Explanation } from './explain.js';

const people = new Map([['kim', { id: 'p-7', name: 'Kim' }]]);

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

const approvals = [{ name: 'qa', required: 1 }];
const one = { version: '1.3.9', commitRefs: refs('release@abc1234') };
const two = { version: '1.4.0', commitRefs: refs('release@def5678') };
const limits = { hanging: { enabled: true, afterMinutes: 30 }, failing: { enabled: true, afterMinutes: 120 } };

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

  it('with what took the place of another told of both', () => {
    const { current } = explained(create(), finish(one), finish(two));
    expect(current!.events.map(({ says }) => says)).toEqual([
      '1.3.9 (#1) was completed, as #2 took its place.',
      'ci finished 1.4.0 (#2) from web-shop:release@def5678, which replaced 1.3.9 (#1).',
    ]);
    const back = explained(create(), finish(one), finish(two), rollback(), finish({ number: 3 }));
    expect(back.current!.events.map(({ says }) => says)).toContain('1.4.0 (#2) was rolled back by #3.');
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
    expect([waiting[0]!.number, waiting[1]!.number, waiting.length, omitted]).toEqual([23, 1, 10, 15]);
    expect(waiting[0]!.expects).toEqual([
      { kind: 'due', at: '2026-12-01T22:00:00.000000Z', says: '22 (#23) will be due at 2026-12-01T22:00:00Z.' },
    ]);
  });

  it('says what the settings in force forbid', () => {
    expect(explained(create(), change({ requireSchedule: true, manualControls: false })).settings).toMatchObject({
      set: { type: 'TargetChanged', version: 2 },
      says: [
        'Only what was scheduled before may start.',
        'Persons may not act on one given deployment, but approve and reject it: the manual controls are off.',
      ],
    });
  });
});
