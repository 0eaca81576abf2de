import { describe, it } from '@jest/globals';

import { create, finish, given, retire, start } from '../../testing/index.js';

describe('retire', () => {
  it('takes the current one down, nothing in its place', () => {
    given(create(), finish({ version: '1.0' }))
      .when(retire(1))
      .thenEvents(['DeploymentRetired', { number: 1, from: 'current', status: 'retired' }])
      .andTarget({ current: null });
  });

  it('again does nothing', () => {
    given(create(), finish({ version: '1.0' }), retire(1))
      .when(retire(1))
      .thenNothing();
  });

  it('refuses any other', () => {
    given(create(), start({ version: '1.0' }))
      .when(retire(1))
      .thenRejected('not_allowed_from', { from: 'deploying' });
  });
});
