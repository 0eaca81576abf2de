import { describe, expect, it } from '@jest/globals';

import { create, finish, given, refs, schedule, start, timeOut } from '../../testing/index.js';

describe('finish', () => {
  it('1. makes an in-flight deployment of the same branch current', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(finish({ commitRefs: refs('refs/heads/main') }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'deploying', status: 'current', version: '1.0' }])
      .andDeployment(1, { status: 'current', commitRefs: refs('main@a') });
  });
});
