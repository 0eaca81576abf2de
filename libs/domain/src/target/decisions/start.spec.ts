import { describe, expect, it } from '@jest/globals';

import {
  approve,
  change,
  changeDeployment,
  create,
  fail,
  finish,
  given,
  refs,
  schedule,
  start,
  timeOut,
} from '../../testing/index.js';

const approvals = [{ name: 'release', required: 1 }];
const hanging = { hanging: { enabled: true, afterMinutes: 1 } };

describe('start', () => {
  it('1. the deploying deployment takes over what the request brings', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(start({ commitRefs: refs('main@b'), description: 'x' }))
      .thenEvents([
        'DeploymentChanged',
        {
          number: 1,
          from: 'deploying',
          status: 'deploying',
          commitRefs: refs('main@b'),
          previous: { commitRefs: refs('main@a'), description: null },
        },
      ]);
  });

  it('1. is replaced where that changes the branch or the version, keeping the old ones and its clocks', () => {
    const past = given(create(), start({ version: '1.0', commitRefs: refs('main@a') }));
    past
      .when(start({ version: '1.1', commitRefs: refs('main') }))
      .thenEvents(['DeploymentReplaced', { number: 1, version: '1.1', previous: { version: '1.0' } }])
      .andDeployment(1, { clockVersion: 2 });
    past
      .when(start({ commitRefs: refs('release@b', 'main') }))
      .thenEvents([
        'DeploymentReplaced',
        { commitRefs: refs('release@b', 'main@a'), previous: { commitRefs: refs('main@a') } },
      ]);
  });

  it('1. appends nothing where nothing would change', () => {
    const past = given(create(), start({ version: '1.0', commitRefs: refs('main@a') }));
    past.when(start({ version: '1.0', commitRefs: refs('refs/heads/main@a') })).thenNothing();
    past.when(start({})).thenNothing();
  });

  it('1. goes before a scheduled one of the request’s branch, which goes on waiting', () => {
    given(
      create(),
      start({ version: '1.0', commitRefs: refs('main@a') }),
      schedule({ version: '2.0', commitRefs: refs('release') }),
    )
      .when(start({ version: '2.0', commitRefs: refs('release@b') }))
      .thenEvents(['DeploymentReplaced', { number: 1 }])
      .andDeployment(2, { status: 'scheduled' });
  });

  it('1. replacing is approval_required where approval rules apply, and so is anything but what was approved', () => {
    const ruled = given(create(), start({ version: '1.0', commitRefs: refs('main@a') }), change({ approvals }));
    ruled.when(start({ version: '1.1' })).thenRejected('approval_required');
    ruled.when(start({ commitRefs: refs('x@a') })).thenRejected('approval_required');
    ruled.when(start({ commitRefs: refs('main@b') })).thenEvents('DeploymentChanged');
    const unblocked = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
      start({ commitRefs: refs('main') }),
      change({ approvals: [] }),
    );
    unblocked.when(start({ commitRefs: refs('main@b') })).thenRejected('approval_required');
    unblocked.when(start({ version: '1.1' })).thenRejected('approval_required');
  });

  it('2. a hanging one of the same branch is deploying again, and its clocks start anew', () => {
    const past = given(create(hanging), start({ version: '1.0', commitRefs: refs('main@a') }), timeOut(1));
    const startedAt = past.stream.events[1]?.occurredAt ?? null;
    past
      .when(start({ version: '1.1', commitRefs: refs('main@b') }))
      .thenEvents([
        'DeploymentStarted',
        { number: 1, from: 'hanging', status: 'deploying', version: '1.1', previous: { version: '1.0' } },
      ])
      .andDeployment(1, { clockVersion: 4, startedAt });
    past.when(start({})).thenEvents(['DeploymentStarted', { number: 1, from: 'hanging' }]);
    past
      .when(start({ version: '2.0', commitRefs: refs('release@b') }))
      .thenEvents(['DeploymentStarted', { number: 2, from: null }]);
  });

  it('2. a hanging one goes before a scheduled one of the same branch', () => {
    given(
      create(hanging),
      start({ version: '1.0', commitRefs: refs('main@a') }),
      timeOut(1),
      schedule({ version: '2.0', commitRefs: refs('main@b') }),
    )
      .when(start({ commitRefs: refs('main') }))
      .thenEvents(['DeploymentStarted', { number: 1, from: 'hanging' }]);
  });

  it('2. a hanging one that was unblocked takes nothing but what was approved', () => {
    given(
      create({ ...hanging, approvals }),
      schedule({ version: '1', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
      start({ number: 1 }),
      timeOut(1),
    )
      .when(start({ commitRefs: refs('main@b') }))
      .thenRejected('approval_required');
  });

  it('3. a scheduled one of the same branch becomes deploying with what the request brings', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }))
      .when(start({ version: '1.1', commitRefs: refs('main@b') }))
      .thenEvents([
        'DeploymentStarted',
        { number: 1, from: 'scheduled', status: 'deploying', version: '1.1', commitRefs: refs('main@b') },
      ]);
  });

  it('3. each ref needs a commit from one side or the other', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('main@a', 'api:main') }));
    past
      .when(start({ commitRefs: refs('main') }))
      .thenRejected('commit_required', { detail: expect.stringContaining('api:main') });
    past.when(start({ version: '1.0' })).thenRejected('commit_required');
    past
      .when(start({ commitRefs: refs('api:main@b') }))
      .thenEvents(['DeploymentStarted', { commitRefs: refs('main@a', 'api:main@b') }]);
  });

  it('3. commit_required goes before approval_required', () => {
    const past = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main@a', 'api:main') }),
      approve(1, 'ann'),
    );
    past.when(start({ version: '2.0', commitRefs: refs('main') })).thenRejected('commit_required');
    past.when(start({ version: '2.0', commitRefs: refs('api:main@b') })).thenRejected('approval_required');
    past.when(start({ commitRefs: refs('api:main@b') })).thenEvents('DeploymentStarted');
  });

  it('3. no gate stops one that was scheduled before the gates', () => {
    given(create(), schedule({ version: '1.0' }), change({ approvals, requireSchedule: true }))
      .when(start({ version: '1.0' }))
      .thenEvents(['DeploymentStarted', { number: 1 }]);
  });

  it('4. a blocked one of the same branch is approval_required', () => {
    given(
      create({ approvals: [{ name: 'release', required: 2 }] }),
      schedule({ version: '1.0', commitRefs: refs('main') }),
      approve(1, 'ann'),
    )
      .when(start({ version: '1.0', commitRefs: refs('main@a') }))
      .thenRejected('approval_required', { detail: expect.stringContaining('release (1 of 2)') });
  });

  it('5. none: a new one in deploying', () => {
    given(create())
      .when(start({ version: '1.0', commitRefs: refs('main@a') }))
      .thenEvents(['DeploymentStarted', { number: 1, from: null, status: 'deploying', version: '1.0' }])
      .andDeployment(1, { clockVersion: 2, startedAt: '2026-11-20T10:01:00.000000Z' });
  });

  it('5. is refused with the first that applies', () => {
    const gated = given(create({ approvals, requireSchedule: true }));
    gated.when(start({ commitRefs: refs('main') })).thenRejected('version_required');
    gated.when(start({ version: '1.0', commitRefs: refs('main@a', 'api:main') })).thenRejected('commit_required');
    gated.when(start({ version: '1.0' })).thenRejected('no_scheduled_deployment');
    given(create({ approvals }))
      .when(start({ version: '1.0' }))
      .thenRejected('approval_required');
  });
});

describe('start with supersede', () => {
  it('cancels the deploying one and creates a new one', () => {
    given(
      create(),
      start({ version: '1.0', commitRefs: refs('main@a') }),
      schedule({ version: '1.1', commitRefs: refs('main') }),
    )
      .when(start({ version: '1.1', commitRefs: refs('main@b'), supersede: true }))
      .thenEvents(
        ['DeploymentCanceled', { number: 1, from: 'deploying', status: 'canceled', reason: 'superseded' }],
        ['DeploymentStarted', { number: 3, from: null, version: '1.1' }],
      )
      .andDeployment(1, { supersededBy: null })
      .andDeployment(2, { status: 'scheduled' });
  });

  it('obeys the gates of a new one', () => {
    const past = given(create(), start({ version: '1.0' }), change({ approvals }));
    past.when(start({ version: '1.1', supersede: true })).thenRejected('approval_required');
    past.when(start({ supersede: true })).thenRejected('version_required');
  });

  it('by number the given one starts and takes over what the request brings', () => {
    given(create(), start({ version: '1.0' }), schedule({ version: '2.0', commitRefs: refs('main') }))
      .when(start({ number: 2, commitRefs: refs('main@b'), supersede: true }))
      .thenEvents(
        ['DeploymentCanceled', { number: 1, reason: 'superseded' }],
        ['DeploymentStarted', { number: 2, from: 'scheduled', commitRefs: refs('main@b') }],
      );
  });

  it('a late success of the canceled one recovers it', () => {
    given(create(), start({ version: '1.0' }), start({ version: '1.1', supersede: true }))
      .when(finish({ number: 1 }))
      .thenEvents(['DeploymentFinished', { number: 1, recoveredFrom: 'canceled' }])
      .andDeployment(2, { status: 'deploying' });
  });
});

describe('start by number', () => {
  it('makes a scheduled or hanging one deploying', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }))
      .when(start({ number: 1, commitRefs: refs('main@a') }))
      .thenEvents(['DeploymentStarted', { number: 1, from: 'scheduled', commitRefs: refs('main@a') }]);
    given(create(hanging), start({ version: '1.0' }), timeOut(1))
      .when(start({ number: 1 }))
      .thenEvents(['DeploymentStarted', { number: 1, from: 'hanging' }])
      .andDeployment(1, { clockVersion: 4 });
  });

  it('does nothing to the one that is deploying already', () => {
    given(create(), start({ version: '1.0' }))
      .when(start({ number: 1, version: '2.0' }))
      .thenNothing();
  });

  it('is not_allowed_from, then deployment_in_flight, then commit_required, then approval_required', () => {
    const past = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main') }),
      schedule({ version: '1.1', commitRefs: refs('x') }),
      approve(1, 'ann'),
    );
    past.when(start({ number: 2 })).thenRejected('not_allowed_from', { from: 'blocked' });
    past.when(start({ number: 1, version: '2.0' })).thenRejected('commit_required');
    past.when(start({ number: 1, version: '2.0', commitRefs: refs('main@a') })).thenRejected('approval_required');
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }), start({ version: '2.0' }))
      .when(start({ number: 1 }))
      .thenRejected('deployment_in_flight', { detail: expect.stringContaining('Deployment 2') });
    given(create(), start({ version: '1' }), fail({}))
      .when(start({ number: 1 }))
      .thenRejected('not_allowed_from', { from: 'failed' });
  });

  it('a hanging one does not stand in the way', () => {
    given(create(hanging), start({ version: '1.0' }), timeOut(1), schedule({ version: '2.0' }))
      .when(start({ number: 2 }))
      .thenEvents('DeploymentStarted')
      .andDeployment(1, { status: 'hanging' });
  });

  it('a changed deploying one keeps its clocks', () => {
    given(create(), start({ version: '1.0' }))
      .when(changeDeployment({ number: 1, version: '1.1' }))
      .thenEvents('DeploymentChanged')
      .andDeployment(1, { clockVersion: 2 });
  });
});
