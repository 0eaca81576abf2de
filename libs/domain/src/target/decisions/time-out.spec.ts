import { describe, expect, it } from '@jest/globals';

import {
  change,
  changeDeployment,
  create,
  due,
  fail,
  finish,
  given,
  command,
  schedule,
  sentAt,
  start,
  timeOut,
  approve,
} from '../../testing/index.js';

const hanging = { hanging: { enabled: true, afterMinutes: 30 } };
const failing = { failing: { enabled: true, afterMinutes: 120 } };
/** Deployment 1 starts with the second command, a minute after the beginning. */
const STARTED = '2026-11-20T10:01:00.000000Z';
const HANGS = '2026-11-20T10:31:00.000000Z';
const FAILS = '2026-11-20T12:01:00.000000Z';

describe('time-out', () => {
  it('past hanging a deploying deployment hangs, at the moment that it was due', () => {
    const past = given(create(hanging), start({ version: '1' }));
    past.when(timeOut(1, '2026-11-20T10:30:59.999999Z')).thenNothing();
    const then = past.when(timeOut(1, HANGS));
    then
      .thenEvents([
        'DeploymentHung',
        { number: 1, from: 'deploying', status: 'hanging', rule: 'hanging', deadline: HANGS },
      ])
      .andDeployment(1, { clockVersion: 2, startedAt: STARTED });
    expect(then.events[0]?.occurredAt).toBe(HANGS);
  });

  it('is never early, not by a microsecond', () => {
    const past = given(create(hanging), sentAt('2026-11-20T10:01:00.000500Z', start({ version: '1' })));
    past.when(timeOut(1, '2026-11-20T10:31:00.000499Z')).thenNothing();
    past.when(timeOut(1, '2026-11-20T10:31:00.000500Z')).thenEvents('DeploymentHung');
  });

  it('past failing it has failed, from deploying or hanging, with reason timeout', () => {
    const failed = [
      'DeploymentFailed',
      { number: 1, status: 'failed', rule: 'failing', reason: 'timeout', deadline: FAILS },
    ] as const;
    const then = given(create(failing), start({ version: '1' })).when(timeOut(1, FAILS));
    then.thenEvents(failed).andDeployment(1, { failureReason: 'timeout', endedAt: FAILS });
    expect(then.events[0]?.occurredAt).toBe(FAILS);
    const hung = given(create({ ...hanging, ...failing }), start({ version: '1' }), timeOut(1, HANGS));
    hung.when(timeOut(1, '2026-11-20T12:00:59.999999Z')).thenNothing();
    hung.when(timeOut(1, FAILS)).thenEvents(failed);
  });

  it('when both are due, failed alone', () => {
    given(create({ ...hanging, ...failing }), start({ version: '1' }))
      .when(timeOut(1, FAILS))
      .thenEvents('DeploymentFailed');
  });

  it('each at most once, and only where it is switched on', () => {
    given(create(hanging), start({ version: '1' }), timeOut(1))
      .when(timeOut(1))
      .thenNothing();
    given(create(), start({ version: '1' }))
      .when(timeOut(1))
      .thenNothing();
    given(create({ ...hanging, ...failing }), start({ version: '1' }), finish({}))
      .when(timeOut(1))
      .thenNothing();
  });

  it('changed settings apply at once to what is in flight', () => {
    const past = given(
      create(hanging),
      start({ version: '1' }),
      change({ hanging: { enabled: true, afterMinutes: 0.05 } }),
    );
    past.when(timeOut(1, '2026-11-20T10:01:02.999999Z')).thenNothing();
    past
      .when(timeOut(1, '2026-11-20T10:01:03.000000Z'))
      .thenEvents(['DeploymentHung', { deadline: '2026-11-20T10:01:03.000000Z' }]);
  });

  it('a clock that was set again since does nothing', () => {
    const past = given(create({ ...hanging, ...failing }), start({ version: '1' }), timeOut(1, HANGS), start({}));
    const seen = { number: 1, clockSetAt: STARTED, now: '9999-01-01T00:00:00.000000Z' };
    past.when(command('TimeOutDeployment', { ...seen, clockVersion: 2 })).thenNothing();
    past.when(command('TimeOutDeployment', { ...seen, clockVersion: 4 })).thenEvents('DeploymentFailed');
    past.when(command('TimeOutDeployment', { ...seen, number: 7, clockVersion: 4 })).thenNothing();
  });

  it('a replaced or changed deployment keeps its clocks', () => {
    given(
      create(hanging),
      start({ version: '1' }),
      start({ version: '2' }),
      changeDeployment({ number: 1, description: 'x' }),
    )
      .when(timeOut(1, HANGS))
      .thenEvents(['DeploymentHung', { deadline: HANGS }]);
  });

  it('a report’s reason makes no time-out', () => {
    given(create(failing), start({ version: '1' }), fail({ reason: 'timeout' }))
      .when(finish({ version: '1' }))
      .thenEvents(['DeploymentFinished', { number: 2 }]);
  });
});

describe('due', () => {
  const NOON = '2026-11-20T12:00:00.000000Z';
  const LATER = '2026-11-20T13:00:00.000000Z';
  const scheduled = [create(), schedule({ version: '1', scheduledFor: NOON })] as const;

  it('a scheduled deployment whose time has come says so once', () => {
    given(...scheduled)
      .when(due(1, '2026-11-20T11:59:59.999999Z'))
      .thenNothing();
    given(...scheduled)
      .when(due(1, NOON))
      .thenEvents(['DeploymentDue', { number: 1, from: 'scheduled', status: 'scheduled', scheduledFor: NOON }])
      .andDeployment(1, { dueVersion: null });
    given(...scheduled, due(1))
      .when(command('DueDeployment', { number: 1, dueVersion: 2, now: LATER }))
      .thenNothing();
  });

  it('each new time gets its own', () => {
    const moved = [...scheduled, due(1), schedule({ version: '1', scheduledFor: LATER })] as const;
    given(...moved)
      .when(due(1, NOON))
      .thenNothing();
    given(...moved)
      .when(due(1, LATER))
      .thenEvents('DeploymentDue');
    given(...scheduled, schedule({ version: '1', scheduledFor: LATER }))
      .when(command('DueDeployment', { number: 1, dueVersion: 2, now: LATER }))
      .thenNothing();
    given(...scheduled, due(1), schedule({ version: '1', description: 'x', scheduledFor: NOON }))
      .when(due(1, LATER))
      .thenNothing();
  });

  it('a blocked one waits for its approvals first', () => {
    const blocked = [
      create({ approvals: [{ name: 'release', required: 1 }] }),
      schedule({ version: '1', scheduledFor: NOON }),
    ] as const;
    given(...blocked)
      .when(due(1, LATER))
      .thenNothing();
    given(...blocked, approve(1, 'ann'))
      .when(due(1, LATER))
      .thenEvents('DeploymentDue');
  });

  it('nothing is due of what was started', () => {
    given(...scheduled, start({ version: '1' }))
      .when(command('DueDeployment', { number: 1, dueVersion: 2, now: LATER }))
      .thenNothing();
  });
});
