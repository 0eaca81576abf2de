import { describe, expect, it } from '@jest/globals';

import {
  approve,
  cancel,
  change,
  create,
  given,
  person,
  refs,
  reject,
  schedule,
  sentBy,
  command,
  changeDeployment,
} from '../../testing/index.js';

const approvals = [
  { name: 'qa', required: 1 },
  { name: 'release', required: 2 },
];
const blocked = [create({ approvals }), schedule({ version: '1.0', commitRefs: refs('main@a') })] as const;

describe('approve', () => {
  it('counts for the first rule that still lacks approvals and that this actor has not approved', () => {
    given(...blocked)
      .when(approve(1, 'ann'))
      .thenEvents(['DeploymentApproved', { number: 1, from: 'blocked', status: 'blocked', rule: 'qa' }]);
    given(...blocked, approve(1, 'ann'))
      .when(approve(1, 'ann'))
      .thenEvents(['DeploymentApproved', { rule: 'release' }]);
    given(...blocked, approve(1, 'ann'))
      .when(approve(1, 'bob'))
      .thenEvents(['DeploymentApproved', { rule: 'release' }]);
    given(create({ approvals: approvals.toReversed() }), schedule({ version: '1.0' }), approve(1, 'ann'))
      .when(approve(1, 'ann'))
      .thenEvents(['DeploymentApproved', { rule: 'qa' }]);
  });

  it('counts for the rule that it names', () => {
    given(...blocked)
      .when(sentBy(person('ann'), command('ApproveDeployment', { number: 1, rule: 'release', comment: 'fine' })))
      .thenEvents(['DeploymentApproved', { rule: 'release', comment: 'fine' }]);
    given(...blocked)
      .when(approve(1, 'ann', 'security'))
      .thenRejected('unknown_rule', { detail: expect.stringContaining('security') });
  });

  it('an actor counts once per rule, again does nothing', () => {
    given(...blocked, approve(1, 'ann', 'release'))
      .when(approve(1, 'ann', 'release'))
      .thenNothing();
    given(...blocked, approve(1, 'ann', 'qa'), approve(1, 'ann', 'release'))
      .when(approve(1, 'ann'))
      .thenNothing()
      .andDeployment(1, { status: 'blocked' });
  });

  it('a service of the same name is another actor', () => {
    given(...blocked, approve(1, 'ann', 'release'))
      .when(sentBy({ id: 'ann', kind: 'service' }, command('ApproveDeployment', { number: 1, rule: 'release' })))
      .thenEvents('DeploymentApproved');
  });

  it('the last one needed unblocks too', () => {
    given(...blocked, approve(1, 'ann', 'release'), approve(1, 'bob', 'release'))
      .when(approve(1, 'ann'))
      .thenEvents(
        ['DeploymentApproved', { rule: 'qa' }],
        ['DeploymentUnblocked', { number: 1, from: 'blocked', status: 'scheduled' }],
      )
      .andDeployment(1, { status: 'scheduled', approval: 'given', approvals: [] });
  });

  it('what was withdrawn has to be given again', () => {
    const rules = [{ name: 'release', required: 2 }];
    given(
      create({ approvals: rules }),
      schedule({ version: '1.0' }),
      approve(1, 'ann'),
      changeDeployment({ number: 1, version: '1.1' }),
      approve(1, 'bob'),
    )
      .when(approve(1, 'ann'))
      .thenEvents('DeploymentApproved', 'DeploymentUnblocked');
  });

  it('only of a blocked one, whatever manual controls say', () => {
    given(create(), schedule({ version: '1.0' }))
      .when(approve(1, 'ann'))
      .thenRejected('not_allowed_from', { from: 'scheduled' });
    given(create({ approvals, manualControls: false }), schedule({ version: '1.0' }))
      .when(approve(1, 'ann'))
      .thenEvents('DeploymentApproved');
    given(...blocked)
      .when(approve(2, 'ann'))
      .thenRejected('deployment_not_found');
  });
});

describe('reject', () => {
  it('is one event, to canceled', () => {
    given(...blocked, approve(1, 'ann'))
      .when(reject(1, 'not on a Friday'))
      .thenEvents([
        'DeploymentRejected',
        { number: 1, from: 'blocked', status: 'canceled', comment: 'not on a Friday' },
      ])
      .andDeployment(1, { status: 'canceled', approvals: [] });
  });

  it('only of a blocked one', () => {
    given(create(), schedule({ version: '1.0' }))
      .when(reject(1))
      .thenRejected('not_allowed_from', { from: 'scheduled' });
    given(...blocked, cancel({ number: 1 }))
      .when(reject(1))
      .thenRejected('not_allowed_from', { from: 'canceled' });
  });
});

describe('changed approval rules', () => {
  it('unblock, by number, what lacks nothing more', () => {
    given(
      ...blocked,
      schedule({ version: '2.0', commitRefs: refs('x') }),
      schedule({ version: '3.0', commitRefs: refs('y') }),
      approve(1, 'ann', 'qa'),
      approve(3, 'ann', 'qa'),
    )
      .when(change({ approvals: [{ name: 'qa', required: 1 }] }))
      .thenEvents('TargetChanged', ['DeploymentUnblocked', { number: 1 }], ['DeploymentUnblocked', { number: 3 }])
      .andDeployment(2, { status: 'blocked' });
  });

  it('never block one again', () => {
    given(create(), schedule({ version: '1.0' }))
      .when(change({ approvals }))
      .thenEvents('TargetChanged')
      .andDeployment(1, { status: 'scheduled' });
  });
});
