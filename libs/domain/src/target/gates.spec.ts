import { describe, expect, it } from '@jest/globals';

import { approve, cancel, change, create, fail, finish, given, refs, schedule, start } from '../testing/index.js';

const approvals = [{ name: 'release', required: 1 }];

describe('a report that passes gates by', () => {
  it('is recorded whatever the gates say, and names those that it passed by', () => {
    given(create({ approvals, requireSchedule: true }))
      .when(finish({ version: '1.0' }))
      .thenEvents(['DeploymentFinished', { violations: ['approval_required', 'no_scheduled_deployment'] }])
      .andDeployment(1, { violations: ['approval_required', 'no_scheduled_deployment'] });
    const blocked = given(create({ approvals }), schedule({ version: '1.0', commitRefs: refs('main@a') }));
    blocked
      .when(finish({ commitRefs: refs('main@a') }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'blocked', violations: ['approval_required'] }]);
    given(create({ approvals }), schedule({ version: '1.0' }), cancel({ version: '1.0' }))
      .when(finish({ number: 1 }))
      .thenEvents(['DeploymentFinished', { recoveredFrom: 'canceled', violations: ['approval_required'] }]);
  });

  it('names no gate where none was passed by', () => {
    const approved = given(
      create({ approvals, requireSchedule: true }),
      schedule({ version: '1.0', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
    );
    const { events } = approved.when(finish({ commitRefs: refs('main@a') }));
    expectNoViolations(events[0]?.data);
    const early = given(create(), schedule({ version: '1.0' }), change({ approvals, requireSchedule: true }));
    expectNoViolations(early.when(finish({ version: '1.0' })).events[0]?.data);
  });

  it('another version, pair or commit than was approved passes the gate by', () => {
    const unblocked = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
      start({ commitRefs: refs('main') }),
    );
    const passedBy = ['DeploymentFinished', { number: 1, violations: ['approval_required'] }] as const;
    unblocked.when(finish({ version: '1.1', commitRefs: refs('main') })).thenEvents(passedBy);
    unblocked.when(finish({ commitRefs: refs('main@b') })).thenEvents(passedBy);
    unblocked.when(finish({ number: 1, commitRefs: refs('release@a') })).thenEvents(passedBy);
    expectNoViolations(unblocked.when(finish({ commitRefs: refs('refs/heads/main@a') })).events[0]?.data);
  });

  it('an event names its own violations, the deployment all of them, each once', () => {
    given(create({ approvals, requireSchedule: true }), schedule({ version: '1.0' }), finish({ version: '1.0' }))
      .when(fail({ number: 1 }))
      .thenEvents(['DeploymentFailed', { from: 'current', violations: ['approval_required'] }])
      .andDeployment(1, { violations: ['approval_required'] });
  });
});

const expectNoViolations = (data: object | undefined) => {
  expect(data).toBeDefined();
  expect(data).not.toHaveProperty('violations');
};
