import { describe, expect, it } from '@jest/globals';

import {
  cancel,
  changeDeployment,
  create,
  fail,
  finish,
  given,
  person,
  refs,
  rollback,
  schedule,
  sentBy,
  start,
  timeOut,
} from '../../testing/index.js';

const failing = { failing: { enabled: true, afterMinutes: 1 } };
const hanging = { hanging: { enabled: true, afterMinutes: 1 } };

describe('finish', () => {
  it('1. makes an in-flight deployment of the same branch current', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(finish({ commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'deploying', status: 'current', version: '1.0' }])
      .andDeployment(1, { status: 'current', commitRefs: refs('main@a') });
  });

  it('1. a hanging one too', () => {
    given(create(hanging), start({ version: '1.0' }), timeOut(1))
      .when(finish({ version: '1.0' }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'hanging', status: 'current' }]);
  });

  it('1. whatever its commit, which it takes over with the rest that the request brings', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a', 'api:main@b'), description: 'first' }))
      .when(finish({ version: '1.1', commitRefs: refs('refs/heads/main@c'), description: null }))
      .thenEvents([
        'DeploymentFinished',
        {
          version: '1.1',
          commitRefs: refs('main@c', 'api:main@b'),
          description: null,
          previous: { version: '1.0', commitRefs: refs('main@a', 'api:main@b'), description: 'first' },
        },
      ]);
  });

  it('1. without commit refs by its version, without a version too what is in flight', () => {
    const past = given(create(), start({ version: '1.0', commitRefs: refs('main@a') }));
    past.when(finish({ version: '1.0' })).thenEvents(['DeploymentFinished', { number: 1 }]);
    past.when(finish({})).thenEvents(['DeploymentFinished', { number: 1 }]);
    past.when(finish({ version: '2.0' })).thenEvents(['DeploymentFinished', { number: 2, from: null }]);
  });

  it('1. of several the one with exactly the request’s pairs, then the deploying one, then the newest', () => {
    const past = given(
      create(hanging),
      start({ version: '1', commitRefs: refs('main@a') }),
      timeOut(1),
      start({ version: '2', commitRefs: refs('api:main@b', 'main@a') }),
      timeOut(2),
      start({ version: '3', commitRefs: refs('main@a', 'web:main@c') }),
    );
    past.when(finish({ commitRefs: refs('main') })).thenEvents(['DeploymentFinished', { number: 1 }]);
    const withoutExact = given(
      create(hanging),
      start({ version: '2', commitRefs: refs('api:main@b', 'main@a') }),
      timeOut(1),
      start({ version: '3', commitRefs: refs('main@a', 'web:main@c') }),
      timeOut(2),
      start({ version: '4', commitRefs: refs('main@a', 'x:main@c') }),
    );
    withoutExact.when(finish({ commitRefs: refs('main') })).thenEvents(['DeploymentFinished', { number: 3 }]);
    given(
      create(hanging),
      start({ version: '2', commitRefs: refs('api:main@b', 'main@a') }),
      timeOut(1),
      start({ version: '3', commitRefs: refs('main@a', 'web:main@c') }),
      timeOut(2),
    )
      .when(finish({ commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 2 }]);
  });

  it('1. the deploying one before a newer one that hangs', () => {
    given(
      create(hanging),
      start({ version: '1', commitRefs: refs('main@a', 'api:main@x') }),
      timeOut(1),
      start({ version: '2', commitRefs: refs('main@b', 'web:main@x') }),
      timeOut(2),
      start({ number: 1 }),
    )
      .when(finish({ commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 1 }]);
  });

  it('1. leaves alone what is in flight of another branch', () => {
    given(create(), start({ version: '1.0', commitRefs: refs('main@a') }))
      .when(finish({ version: '2.0', commitRefs: refs('release@b') }))
      .thenEvents(['DeploymentFinished', { number: 2, from: null, status: 'current' }])
      .andDeployment(1, { status: 'deploying' });
  });

  it('2. makes a waiting one of the same branch and the same commit current', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('main@a') }));
    past
      .when(finish({ commitRefs: refs('main@a') }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'scheduled', status: 'current' }]);
    past
      .when(finish({ version: '1.1', commitRefs: refs('main@b') }))
      .thenEvents(['DeploymentFinished', { number: 2, from: null }]);
    past
      .when(finish({ version: '1.0', commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 2, from: null }]);
  });

  it('2. each ref needs its commit, and a request matched by its version has none to compare', () => {
    const past = given(create(), schedule({ version: '1.0', commitRefs: refs('main@a', 'api:main') }));
    past
      .when(finish({ version: '1.0', commitRefs: refs('main@a', 'api:main@b') }))
      .thenEvents(['DeploymentFinished', { number: 2 }]);
    past.when(finish({ version: '1.0' })).thenEvents(['DeploymentFinished', { number: 1 }]);
    past.when(finish({})).thenRejected('version_required');
  });

  it('3. recovers the newest of the same branch and version that failed by time-out', () => {
    const past = given(
      create(failing),
      start({ version: '1.0', commitRefs: refs('main@a') }),
      timeOut(1),
      start({ version: '1.0', commitRefs: refs('main@b') }),
      timeOut(2),
      start({ version: '1.1', commitRefs: refs('main@c') }),
      timeOut(3),
    );
    past
      .when(finish({ version: '1.0', commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 2, from: 'failed', status: 'current', recoveredFrom: 'failed' }])
      .andDeployment(2, { status: 'current', failureReason: null, endedAt: null, commitRefs: refs('main@b') })
      .andTarget({ timedOut: [expectPast(1), expectPast(3)] });
    past.when(finish({ commitRefs: refs('main') })).thenRejected('version_required');
    past.when(finish({ version: '1.1' })).thenEvents(['DeploymentFinished', { number: 3, recoveredFrom: 'failed' }]);
    past.when(finish({ version: '9', commitRefs: refs('main') })).thenEvents(['DeploymentFinished', { number: 4 }]);
    past.when(finish({ version: '1.0', commitRefs: refs('x') })).thenEvents(['DeploymentFinished', { number: 4 }]);
  });

  it('3. what was only reported as a time-out, or was canceled, recovers by number alone', () => {
    const past = given(
      create(),
      start({ version: '1.0' }),
      fail({ reason: 'timeout' }),
      start({ version: '2.0' }),
      cancel({}),
    );
    past.when(finish({ version: '1.0' })).thenEvents(['DeploymentFinished', { number: 3, from: null }]);
    past.when(finish({ version: '2.0' })).thenEvents(['DeploymentFinished', { number: 3, from: null }]);
    past
      .when(finish({ number: 1 }))
      .thenEvents(['DeploymentFinished', { number: 1, from: 'failed', recoveredFrom: 'failed' }]);
    past
      .when(finish({ number: 2 }))
      .thenEvents(['DeploymentFinished', { number: 2, from: 'canceled', recoveredFrom: 'canceled' }]);
  });

  it('3. only the 50 that failed by time-out last recover', () => {
    const timedOut = Array.from({ length: 51 }, (_, index) => [
      start({ version: `1.${index + 1}` }),
      timeOut(index + 1),
    ]).flat();
    const past = given(create(failing), ...timedOut);
    past.when(finish({ version: '1.1' })).thenEvents(['DeploymentFinished', { number: 52, from: null }]);
    past.when(finish({ version: '1.2' })).thenEvents(['DeploymentFinished', { number: 2, recoveredFrom: 'failed' }]);
  });

  it('3. by what a timed-out deployment was changed to since', () => {
    given(
      create(failing),
      start({ version: '1.0', commitRefs: refs('main@a') }),
      timeOut(1),
      changeDeployment({ number: 1, version: '1.1' }),
    )
      .when(finish({ version: '1.1', commitRefs: refs('main') }))
      .thenEvents(['DeploymentFinished', { number: 1 }]);
  });

  it('4. creates a new one, by one event', () => {
    given(create())
      .when(finish({ version: '1.0', commitRefs: refs('main'), externalLink: { url: 'https://ci.example/1' } }))
      .thenEvents([
        'DeploymentFinished',
        {
          number: 1,
          from: null,
          status: 'current',
          version: '1.0',
          commitRefs: refs('main'),
          externalLink: { url: 'https://ci.example/1' },
          description: null,
          metadata: {},
          scheduledFor: null,
        },
      ])
      .andDeployment(1, { startedAt: null });
    given(create()).when(finish({})).thenRejected('version_required');
  });

  it('4. a repeated report without a key is a new deployment', () => {
    given(create(), finish({ version: '1.0' }))
      .when(finish({ version: '1.0' }))
      .thenEvents('DeploymentSuperseded', ['DeploymentFinished', { number: 2 }]);
  });

  it('ends the former current one before, as completed, or rolled_back by a rollback', () => {
    given(create(), finish({ version: '1.0' }), start({ version: '2.0' }))
      .when(finish({}))
      .thenEvents(
        ['DeploymentSuperseded', { number: 1, from: 'current', status: 'completed', supersededBy: 2 }],
        ['DeploymentFinished', { number: 2, status: 'current' }],
      )
      .andDeployment(1, { status: 'completed', supersededBy: 2 });
    given(create(), finish({ version: '1.0' }), finish({ version: '2.0' }), rollback())
      .when(finish({}))
      .thenEvents(
        ['DeploymentSuperseded', { number: 2, status: 'rolled_back', supersededBy: 3 }],
        ['DeploymentFinished', { number: 3, rollbackOf: 2 }],
      );
  });
});

describe('finish by number', () => {
  it('takes over what the request brings, whatever its commits', () => {
    given(create(), schedule({ version: '1.0', commitRefs: refs('main@a') }))
      .when(finish({ number: 1, version: '1.1', commitRefs: refs('main@b') }))
      .thenEvents(['DeploymentFinished', { number: 1, version: '1.1', commitRefs: refs('main@b') }]);
  });

  it('does nothing to the one that is current already', () => {
    given(create(), finish({ version: '1.0' }))
      .when(finish({ number: 1, version: '2.0' }))
      .thenNothing();
  });

  it('refuses what the table of statuses lacks', () => {
    given(create(), finish({ version: '1.0' }), finish({ version: '2.0' }))
      .when(finish({ number: 1 }))
      .thenRejected('not_allowed_from', { from: 'completed' });
  });

  it('refuses an unknown deployment, then a person where manual controls are off', () => {
    const past = given(create({ manualControls: false }), start({ version: '1.0' }));
    past.when(sentBy(person('ann'), finish({ number: 2 }))).thenRejected('deployment_not_found');
    past.when(sentBy(person('ann'), finish({ number: 1 }))).thenRejected('manual_controls_disabled');
    past.when(finish({ number: 1 })).thenEvents('DeploymentFinished');
    past.when(sentBy(person('ann'), finish({}))).thenEvents('DeploymentFinished');
  });
});

const expectPast = (number: number) => expect.objectContaining({ number }) as never;
