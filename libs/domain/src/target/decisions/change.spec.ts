import { describe, it } from '@jest/globals';

import {
  approve,
  changeDeployment,
  create,
  finish,
  given,
  person,
  refs,
  schedule,
  sentBy,
  start,
} from '../../testing/index.js';

const approvals = [{ name: 'release', required: 1 }];

describe('change', () => {
  it('in any status; the event keeps what was', () => {
    given(create(), finish({ version: '1.0', commitRefs: refs('main') }), finish({ version: '2.0' }))
      .when(changeDeployment({ number: 1, version: '1.0.1', externalLink: { url: 'https://ci.example' } }))
      .thenEvents([
        'DeploymentChanged',
        {
          number: 1,
          from: 'completed',
          status: 'completed',
          version: '1.0.1',
          commitRefs: refs('main'),
          previous: { version: '1.0', externalLink: null },
          supersededBy: 2,
        },
      ]);
  });

  it('appends nothing where nothing would change', () => {
    given(create(), finish({ version: '1.0', description: 'x' }))
      .when(changeDeployment({ number: 1, version: '1.0', description: 'x', externalLink: null, commitRefs: [] }))
      .thenNothing();
  });

  it('the request’s refs replace the stored ones unless those contain its pairs; known commits stay', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('refs/heads/main@a', 'api:main@b') }));
    past
      .when(changeDeployment({ number: 1, commitRefs: refs('main@c') }))
      .thenEvents(['DeploymentChanged', { commitRefs: refs('refs/heads/main@c', 'api:main@b') }]);
    past
      .when(changeDeployment({ number: 1, commitRefs: refs('main', 'web:main@d') }))
      .thenEvents(['DeploymentChanged', { commitRefs: refs('main@a', 'web:main@d') }]);
  });

  it('branch_is_waiting where another one of that branch waits, and this one does too', () => {
    const past = given(
      create(),
      schedule({ version: '1.0', commitRefs: refs('main') }),
      schedule({ version: '2.0', commitRefs: refs('x', 'y') }),
      start({ version: '3.0', commitRefs: refs('z@a') }),
    );
    past.when(changeDeployment({ number: 2, commitRefs: refs('refs/heads/main') })).thenRejected('branch_is_waiting');
    past.when(changeDeployment({ number: 1, commitRefs: refs('y', 'x') })).thenRejected('branch_is_waiting');
    past.when(changeDeployment({ number: 1, commitRefs: refs('x') })).thenEvents('DeploymentChanged');
    past.when(changeDeployment({ number: 3, commitRefs: refs('main@a') })).thenEvents('DeploymentChanged');
  });

  it('an unblocked one takes no other version, pair or stored commit; a blocked one loses its approvals', () => {
    const unblocked = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main@a') }),
      approve(1, 'ann'),
    );
    unblocked.when(changeDeployment({ number: 1, version: '2.0' })).thenRejected('approval_required');
    unblocked.when(changeDeployment({ number: 1, commitRefs: refs('main@b') })).thenRejected('approval_required');
    unblocked.when(changeDeployment({ number: 1, commitRefs: refs('main', 'x@a') })).thenRejected('approval_required');
    unblocked.when(changeDeployment({ number: 1, description: 'x' })).thenEvents('DeploymentChanged');
    given(create({ approvals: [{ name: 'release', required: 2 }] }), schedule({ version: '1.0' }), approve(1, 'ann'))
      .when(changeDeployment({ number: 1, commitRefs: refs('main') }))
      .thenEvents(['DeploymentChanged', { approvalsWithdrawn: true }]);
  });

  it('branch_is_waiting goes before approval_required', () => {
    const approvals = [{ name: 'qa', required: 1 }];
    const past = given(
      create({ approvals }),
      schedule({ version: '1.0', commitRefs: refs('main') }),
      approve(1, 'ann'),
      schedule({ version: '2.0', commitRefs: refs('x') }),
    );
    past.when(changeDeployment({ number: 1, commitRefs: refs('x') })).thenRejected('branch_is_waiting');
    past.when(changeDeployment({ number: 1, commitRefs: refs('y') })).thenRejected('approval_required');
  });

  it('is a manual control', () => {
    const past = given(create({ manualControls: false }), finish({ version: '1.0' }));
    past
      .when(sentBy(person('ann'), changeDeployment({ number: 1, version: '2.0' })))
      .thenRejected('manual_controls_disabled');
    past.when(changeDeployment({ number: 7, version: '2.0' })).thenRejected('deployment_not_found');
  });
});
