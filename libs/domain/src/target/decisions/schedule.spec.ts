import { describe, expect, it } from '@jest/globals';

import { approve, change, create, given, refs, schedule, start } from '../../testing/index.js';

const approvals = [{ name: 'release', required: 1 }];
const NOON = '2026-11-21T12:00:00.000000Z';

describe('schedule', () => {
  it('1. changes a waiting deployment of the same branch to what the request says', () => {
    given(
      create(),
      schedule({
        version: '1.0',
        commitRefs: refs('main@a', 'api:main@x'),
        scheduledFor: NOON,
        metadata: { a: 1, b: 2 },
      }),
    )
      .when(schedule({ version: '1.1', commitRefs: refs('refs/heads/main@b'), scheduledFor: null, metadata: { a: 2 } }))
      .thenEvents([
        'DeploymentChanged',
        {
          number: 1,
          from: 'scheduled',
          status: 'scheduled',
          version: '1.1',
          commitRefs: refs('main@b', 'api:main@x'),
          scheduledFor: null,
          metadata: { a: 2 },
          previous: {
            version: '1.0',
            commitRefs: refs('main@a', 'api:main@x'),
            scheduledFor: NOON,
            metadata: { a: 1, b: 2 },
          },
        },
      ]);
  });

  it('1. appends nothing where nothing would change', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main@a'), metadata: { a: 1, b: { c: 2 } } }))
      .when(schedule({ version: '1.0', commitRefs: refs('refs/heads/main'), metadata: { b: { c: 2 }, a: 1 } }))
      .thenNothing();
  });

  it('1. without commit refs it matches by its version', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('main') }));
    past.when(schedule({ version: '1.0', description: 'x' })).thenEvents(['DeploymentChanged', { number: 1 }]);
    past.when(schedule({ version: '2.0' })).thenEvents(['DeploymentScheduled', { number: 2 }]);
    past.when(schedule({ description: 'x' })).thenRejected('version_required');
  });

  it('1. of several the one with exactly the request’s pairs, then the newest', () => {
    const past = [
      create(),
      schedule({ version: '1', commitRefs: refs('main') }),
      schedule({ version: '2', commitRefs: refs('main', 'api:main') }),
      schedule({ version: '3', commitRefs: refs('main', 'web:main') }),
    ] as const;
    given(...past)
      .when(schedule({ version: '9', commitRefs: refs('main') }))
      .thenEvents(['DeploymentChanged', { number: 1 }]);
    given(...past, start({ commitRefs: refs('main@a') }))
      .when(schedule({ version: '9', commitRefs: refs('main') }))
      .thenEvents(['DeploymentChanged', { number: 3 }]);
  });

  it('2. creates a new one, however much is in flight', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(schedule({ version: '1.1', commitRefs: refs('main'), scheduledFor: NOON }))
      .thenEvents([
        'DeploymentScheduled',
        { number: 2, from: null, status: 'scheduled', version: '1.1', scheduledFor: NOON },
      ]);
    given(create())
      .when(schedule({ commitRefs: refs('main') }))
      .thenRejected('version_required');
  });

  it('2. a pair more is another branch', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }))
      .when(schedule({ version: '1.0', commitRefs: refs('main', 'api:main') }))
      .thenEvents(['DeploymentScheduled', { number: 2 }]);
  });

  it('2. blocked where the target has approval rules', () => {
    given(create({ approvals }))
      .when(schedule({ version: '1.0' }))
      .thenEvents(['DeploymentBlocked', { number: 1, from: null, status: 'blocked' }]);
  });

  it('an unblocked one takes no other version, pair or stored commit', () => {
    const unblocked = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main@a', 'api:main') }),
      approve(1, 'ann'),
    );
    unblocked
      .when(schedule({ version: '1.1', commitRefs: refs('main') }))
      .thenRejected('approval_required', { detail: expect.stringContaining('version 1.0') });
    unblocked.when(schedule({ commitRefs: refs('main@b') })).thenRejected('approval_required');
    unblocked
      .when(schedule({ commitRefs: refs('main', 'api:main@z'), description: 'x' }))
      .thenEvents(['DeploymentChanged', { commitRefs: refs('main@a', 'api:main@z') }]);
  });

  it('stays bound to what was approved when the rules are gone', () => {
    given(create({ approvals }), schedule({ version: '1.0', commitRefs: refs('main') }), change({ approvals: [] }))
      .when(schedule({ version: '1.1', commitRefs: refs('main') }))
      .thenRejected('approval_required');
  });

  it('on a blocked one such a change takes the approvals given so far back', () => {
    const rules = [{ name: 'release', required: 2 }];
    const past = given(
      create({ approvals: rules }),
      schedule({ version: '1.0', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
    );
    past
      .when(schedule({ version: '1.1', commitRefs: refs('main') }))
      .thenEvents(['DeploymentChanged', { status: 'blocked', version: '1.1', approvalsWithdrawn: true }])
      .andDeployment(1, { approvals: [] });
    const { events } = past.when(schedule({ commitRefs: refs('main'), description: 'x' }));
    expect(events[0]?.data).not.toHaveProperty('approvalsWithdrawn');
    const untouched = given(create({ approvals: rules }), schedule({ version: '1.0', commitRefs: refs('main') }));
    const changed = untouched.when(schedule({ version: '1.1', commitRefs: refs('main') }));
    expect(changed.events[0]?.data).not.toHaveProperty('approvalsWithdrawn');
  });
});

describe('schedule with supersede', () => {
  it('cancels the waiting one of the branch and creates a new one', () => {
    given(
      create(),
      schedule({ version: '1.0', commitRefs: refs('main') }),
      schedule({ version: '1.0', commitRefs: refs('x') }),
    )
      .when(schedule({ version: '1.1', commitRefs: refs('main'), supersede: true }))
      .thenEvents(
        [
          'DeploymentCanceled',
          { number: 1, from: 'scheduled', status: 'canceled', version: '1.0', reason: 'superseded' },
        ],
        ['DeploymentScheduled', { number: 3, from: null, version: '1.1' }],
      )
      .andDeployment(1, { supersededBy: null })
      .andDeployment(2, { status: 'scheduled' });
  });

  it('touches nothing else', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(schedule({ version: '1.1', commitRefs: refs('main'), supersede: true }))
      .thenEvents(['DeploymentScheduled', { number: 2 }]);
  });

  it('asks for a version, as anything new', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }))
      .when(schedule({ commitRefs: refs('main'), supersede: true }))
      .thenRejected('version_required');
  });
});
