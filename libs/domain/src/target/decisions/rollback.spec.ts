import { describe, it } from '@jest/globals';

import {
  create,
  deleteDeployment,
  fail,
  finish,
  given,
  refs,
  remove,
  retire,
  rollback,
  start,
  timeOut,
} from '../../testing/index.js';

const gates = { requireSchedule: true, approvals: [{ name: 'release', required: 1 }] };

describe('rollback', () => {
  it('starts a new deployment with version and refs of the one that stopped being current last', () => {
    given(
      create(),
      finish({ version: '1.0', commitRefs: refs('main@a'), description: 'old' }),
      finish({ version: '2.0', commitRefs: refs('main@b') }),
      finish({ version: '3.0', commitRefs: refs('main@c') }),
    )
      .when(rollback({ description: 'it burns' }))
      .thenEvents([
        'DeploymentStarted',
        {
          number: 4,
          from: null,
          status: 'deploying',
          version: '2.0',
          commitRefs: refs('main@b'),
          rollbackOf: 3,
          description: 'it burns',
        },
      ])
      .andDeployment(4, { rollbackOf: 3, status: 'deploying' });
  });

  it('or of the one that `to` names', () => {
    const past = given(
      create(),
      finish({ version: '1.0' }),
      finish({ version: '2.0' }),
      finish({ version: '3.0' }),
      fail({ version: '4' }),
    );
    past.when(rollback({ to: 1 })).thenEvents(['DeploymentStarted', { version: '1.0', rollbackOf: 3 }]);
    past.when(rollback({ to: 3 })).thenRejected('nothing_to_roll_back_to');
    past.when(rollback({ to: 4 })).thenRejected('nothing_to_roll_back_to');
    past.when(rollback({ to: 5 })).thenRejected('deployment_not_found');
  });

  it('names no rollbackOf where nothing is current, and then completes what became current meanwhile', () => {
    const past = [create(), finish({ version: '1.0' }), retire(1)] as const;
    given(...past)
      .when(rollback())
      .thenEvents(['DeploymentStarted', { number: 2, version: '1.0' }])
      .andDeployment(2, { rollbackOf: null });
    given(...past, rollback(), finish({ version: '9' }))
      .when(finish({ number: 2 }))
      .thenEvents(['DeploymentSuperseded', { number: 3, status: 'completed' }], 'DeploymentFinished');
  });

  it('has nothing to go back to where none was current before', () => {
    given(create()).when(rollback()).thenRejected('nothing_to_roll_back_to');
    given(create(), finish({ version: '1.0' }))
      .when(rollback())
      .thenRejected('nothing_to_roll_back_to');
  });

  it('one that failed afterwards is nothing to go back to', () => {
    given(create(), finish({ version: '1.0' }), finish({ version: '2.0' }), fail({ number: 2 }))
      .when(rollback())
      .thenEvents(['DeploymentStarted', { version: '1.0' }])
      .andDeployment(3, { rollbackOf: null });
  });

  it('passes over one that was deleted since', () => {
    const past = [
      create(),
      finish({ version: '1.0' }),
      finish({ version: '2.0' }),
      finish({ version: '3.0' }),
    ] as const;
    given(...past, deleteDeployment(2))
      .when(rollback())
      .thenEvents(['DeploymentStarted', { version: '1.0' }]);
    given(...past, deleteDeployment(2))
      .when(rollback({ to: 2 }))
      .thenRejected('deployment_not_found');
    given(...past, deleteDeployment(2), deleteDeployment(1))
      .when(rollback())
      .thenRejected('nothing_to_roll_back_to');
  });

  it('is deployment_in_flight while one is deploying, after deployment_not_found', () => {
    const past = given(create(), finish({ version: '1.0' }), start({ version: '2.0' }));
    past.when(rollback()).thenRejected('deployment_in_flight');
    past.when(rollback({ to: 9 })).thenRejected('deployment_not_found');
  });

  it('a hanging one does not stand in the way', () => {
    given(
      create({ hanging: { enabled: true, afterMinutes: 1 } }),
      finish({ version: '1.0' }),
      finish({ version: '2.0' }),
      start({ version: '3.0' }),
      timeOut(3),
    )
      .when(rollback())
      .thenEvents(['DeploymentStarted', { number: 4, version: '1.0' }]);
  });

  it('no gate binds it', () => {
    given(create(gates), finish({ version: '1.0' }), finish({ version: '2.0' }))
      .when(rollback())
      .thenEvents('DeploymentStarted')
      .andDeployment(3, { violations: [] });
  });

  it('reaches back to what was current before the target was deleted', () => {
    given(create(), finish({ version: '1.0' }), remove(), create())
      .when(rollback())
      .thenEvents(['DeploymentStarted', { number: 2, version: '1.0' }]);
  });
});
