import { describe, expect, it } from '@jest/globals';

import { create, fail, finish, given, refs, schedule, start, timeOut } from '../../testing/index.js';

const failing = { failing: { enabled: true, afterMinutes: 1 } };

describe('fail', () => {
  it('1. ends an in-flight deployment of the same branch, with what the request brings and its reason', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(fail({ commitRefs: refs('main@b'), reason: 'tests are red' }))
      .thenEvents([
        'DeploymentFailed',
        { number: 1, from: 'deploying', status: 'failed', reason: 'tests are red', commitRefs: refs('main@b') },
      ])
      .andDeployment(1, { status: 'failed', failureReason: 'tests are red', finishedAt: null });
  });

  it('2. ends a waiting one of the same branch and the same commit', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('main@a') }));
    past.when(fail({ commitRefs: refs('main@a') })).thenEvents(['DeploymentFailed', { number: 1, from: 'scheduled' }]);
    past.when(fail({ commitRefs: refs('main@b') })).thenRejected('no_deployment_in_flight');
    past.when(fail({ commitRefs: refs('main') })).thenRejected('no_deployment_in_flight');
  });

  it('3. has nothing to do where the newest of the same branch and version failed by time-out', () => {
    const past = given(create(failing), start({ version: '1.0', commitRefs: refs('main@a') }), timeOut(1));
    past.when(fail({ version: '1.0', commitRefs: refs('main@b') })).thenNothing();
    past.when(fail({ version: '1.0' })).thenNothing();
    past.when(fail({ version: '1.1', commitRefs: refs('main') })).thenEvents(['DeploymentFailed', { number: 2 }]);
    past.when(fail({ commitRefs: refs('main') })).thenRejected('no_deployment_in_flight');
  });

  it('none: creates a failed one if the request has a version', () => {
    given(create())
      .when(fail({ version: '1.0', commitRefs: refs('main'), reason: 'no disk' }))
      .thenEvents(['DeploymentFailed', { number: 1, from: null, status: 'failed', reason: 'no disk' }])
      .andDeployment(1, { status: 'failed', failureReason: 'no disk', startedAt: null });
    given(create()).when(fail({})).thenRejected('no_deployment_in_flight');
  });

  it('leaves what is current alone', () => {
    given(create(), finish({ version: '1.0' }))
      .when(fail({ version: '1.0' }))
      .thenEvents(['DeploymentFailed', { number: 2 }])
      .andDeployment(1, { status: 'current' });
  });

  it('is recorded whatever the gates say, and names those that it passed by', () => {
    const gates = { requireSchedule: true, approvals: [{ name: 'release', required: 1 }] };
    given(create(gates))
      .when(fail({ version: '1.0' }))
      .thenEvents(['DeploymentFailed', { violations: ['approval_required', 'no_scheduled_deployment'] }]);
    given(create(gates), schedule({ version: '1.0' }))
      .when(fail({ version: '1.0' }))
      .thenEvents(['DeploymentFailed', { number: 1, from: 'blocked', violations: ['approval_required'] }]);
  });
});

describe('fail by number', () => {
  it('ends the current one, where that is reported afterwards', () => {
    given(create(), finish({ version: '1.0' }))
      .when(fail({ number: 1, reason: 'it burns' }))
      .thenEvents(['DeploymentFailed', { number: 1, from: 'current', status: 'failed', reason: 'it burns' }])
      .andTarget({ current: null });
  });

  it('does nothing to one that failed already, and refuses what the table lacks', () => {
    const past = given(create(), finish({ version: '1.0' }), finish({ version: '2.0' }), fail({ version: '3.0' }));
    past.when(fail({ number: 3, reason: 'again' })).thenNothing();
    past.when(fail({ number: 1 })).thenRejected('not_allowed_from', { from: 'completed' });
    past.when(fail({ number: 4 })).thenRejected('deployment_not_found', {
      detail: expect.stringContaining('deployment 4'),
    });
  });
});
