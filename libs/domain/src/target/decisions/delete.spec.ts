import { describe, it } from '@jest/globals';

import {
  create,
  deleteDeployment,
  finish,
  given,
  person,
  refs,
  schedule,
  sentBy,
  start,
  timeOut,
} from '../../testing/index.js';

describe('delete', () => {
  it('takes a deployment that waits or has ended out, and never gives its number again', () => {
    given(create(), finish({ version: '1.0' }), finish({ version: '2.0' }))
      .when(deleteDeployment(1))
      .thenEvents(['DeploymentDeleted', { number: 1, from: 'completed', status: 'completed' }]);
    given(create(), schedule({ version: '1.0', commitRefs: refs('main') }), deleteDeployment(1))
      .when(schedule({ version: '1.0', commitRefs: refs('main') }))
      .thenEvents(['DeploymentScheduled', { number: 2 }]);
  });

  it('is deployment_in_flight or deployment_is_current before that', () => {
    const past = given(create(), finish({ version: '1.0' }), start({ version: '2.0' }));
    past.when(deleteDeployment(2)).thenRejected('deployment_in_flight');
    past.when(deleteDeployment(1)).thenRejected('deployment_is_current');
    past.when(sentBy(person('ann'), deleteDeployment(3))).thenRejected('deployment_not_found');
  });

  it('afterwards it is not found', () => {
    given(create(), schedule({ version: '1.0' }), deleteDeployment(1))
      .when(deleteDeployment(1))
      .thenRejected('deployment_not_found');
  });

  it('a deleted one does not recover', () => {
    given(
      create({ failing: { enabled: true, afterMinutes: 1 } }),
      start({ version: '1.0' }),
      timeOut(1),
      deleteDeployment(1),
    )
      .when(finish({ version: '1.0' }))
      .thenEvents(['DeploymentFinished', { number: 2, from: null }]);
  });
});
