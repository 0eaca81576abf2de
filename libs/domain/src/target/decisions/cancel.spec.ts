import { describe, it } from '@jest/globals';

import { cancel, create, fail, finish, given, refs, schedule, start } from '../../testing/index.js';

describe('cancel', () => {
  it('1. gives up what is in flight of the same branch', () => {
    const past = given(create(), start({ version: '1.0', commitRefs: refs('main@a') }));
    past
      .when(cancel({ commitRefs: refs('main'), reason: 'wrong button' }))
      .thenEvents([
        'DeploymentCanceled',
        { number: 1, from: 'deploying', status: 'canceled', reason: 'wrong button', commitRefs: refs('main@a') },
      ])
      .andDeployment(1, { failureReason: null });
    past.when(cancel({})).thenEvents('DeploymentCanceled');
  });

  it('2. then a waiting one of the same branch and the same commit, 3. then one of the same branch', () => {
    const past = given(
      create(),
      schedule({ version: '1', commitRefs: refs('main@b') }),
      schedule({ version: '2', commitRefs: refs('main@a', 'api:main@x') }),
    );
    past.when(cancel({ commitRefs: refs('main@a') })).thenEvents(['DeploymentCanceled', { number: 2 }]);
    past.when(cancel({ commitRefs: refs('main') })).thenEvents(['DeploymentCanceled', { number: 1 }]);
    past.when(cancel({ version: '2' })).thenEvents(['DeploymentCanceled', { number: 2 }]);
  });

  it('only finds with what the request says: it changes nothing else', () => {
    given(create(), schedule({ version: '1', commitRefs: refs('main@a') }))
      .when(cancel({ version: '9', commitRefs: refs('main@z') }))
      .thenEvents(['DeploymentCanceled', { version: '1', commitRefs: refs('main@a') }]);
  });

  it('never creates', () => {
    const past = given(create(), finish({ version: '1.0' }), schedule({ version: '2', commitRefs: refs('main') }));
    past.when(cancel({ version: '1.0' })).thenRejected('no_open_deployment');
    past.when(cancel({})).thenRejected('no_open_deployment');
  });

  it('by number by the table of statuses; canceled again does nothing', () => {
    const past = given(
      create(),
      schedule({ version: '1' }),
      cancel({ number: 1 }),
      fail({ version: '2' }),
      finish({ version: '3' }),
    );
    past.when(cancel({ number: 1 })).thenNothing();
    past.when(cancel({ number: 2 })).thenRejected('not_allowed_from', { from: 'failed' });
    past.when(cancel({ number: 3 })).thenRejected('not_allowed_from', { from: 'current' });
  });
});
