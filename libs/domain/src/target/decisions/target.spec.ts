import { describe, expect, it } from '@jest/globals';

import { defaultSettings } from '../settings.js';
import {
  change,
  command,
  create,
  expecting,
  finish,
  given,
  refs,
  remove,
  schedule,
  sentAt,
  start,
  timeOut,
} from '../../testing/index.js';

describe('create', () => {
  it('brings a target into being, a member missing in a setting at its default', () => {
    given()
      .when(command('CreateTarget', { repositories: ['web-shop'], settings: { hanging: { enabled: true } } }))
      .thenEvents([
        'TargetCreated',
        {
          project: 'web-shop',
          key: 'production',
          name: null,
          repositories: ['web-shop'],
          environmentType: 'unmapped',
          labels: {},
          settings: { ...defaultSettings, hanging: { enabled: true, afterMinutes: 30 } },
          version: 1,
          createdAt: '2026-11-20T10:00:00.000000Z',
        },
      ])
      .andTarget({ exists: true, version: 1 });
  });

  it('is target_exists while it lives', () => {
    given(create()).when(expecting(7, create())).thenRejected('target_exists');
  });

  it('after a delete it comes back: numbers go on, settings are those of the request', () => {
    given(create({ requireSchedule: true }), finish({ version: '1.0' }), remove(), create({ manualControls: false }))
      .when(start({ version: '2.0' }))
      .thenEvents(['DeploymentStarted', { number: 2 }])
      .andTarget({ settings: { ...defaultSettings, manualControls: false }, exists: true });
  });
});

describe('change target', () => {
  it('keeps what the request does not mention, clears what is null, replaces each setting whole', () => {
    given(
      command('CreateTarget', {
        name: 'Shop',
        description: 'x',
        externalUrl: 'https://shop.example',
        settings: { hanging: { enabled: true, afterMinutes: 5 }, failing: { enabled: true, afterMinutes: 5 } },
      }),
    )
      .when(command('ChangeTarget', { description: null, settings: { failing: { enabled: true }, hanging: {} } }))
      .thenEvents([
        'TargetChanged',
        {
          name: 'Shop',
          description: null,
          externalUrl: 'https://shop.example',
          settings: { ...defaultSettings, failing: { enabled: true, afterMinutes: 120 } },
          version: 2,
        },
      ]);
    given(command('CreateTarget', { name: 'Shop', description: 'x', externalUrl: 'https://shop.example' }))
      .when(command('ChangeTarget', { name: null, externalUrl: null }))
      .thenEvents(['TargetChanged', { name: null, description: 'x', externalUrl: null }]);
  });

  it('appends nothing where nothing would change', () => {
    const past = given(command('CreateTarget', { labels: { a: '1', b: '2' } }));
    past
      .when(command('ChangeTarget', { labels: { b: '2', a: '1' }, name: null, settings: { approvals: [] } }))
      .thenNothing();
    past.when(command('ChangeTarget', { labels: { a: '1' } })).thenEvents(['TargetChanged', { labels: { a: '1' } }]);
  });
});

describe('delete target', () => {
  it('retires what is current and cancels what waits, by number, then is gone', () => {
    given(
      create(),
      schedule({ version: '1', commitRefs: refs('a') }),
      finish({ version: '2' }),
      schedule({ version: '3', commitRefs: refs('b') }),
    )
      .when(remove())
      .thenEvents(
        ['DeploymentCanceled', { number: 1, status: 'canceled' }],
        ['DeploymentRetired', { number: 2, status: 'retired' }],
        ['DeploymentCanceled', { number: 3, status: 'canceled' }],
        ['TargetDeleted', { key: 'production', version: 8 }],
      )
      .andTarget({ exists: false, current: null, open: [] });
  });

  it('not while a deployment is in flight', () => {
    given(create(), start({ version: '1' }))
      .when(remove())
      .thenRejected('deployment_in_flight', { detail: expect.stringContaining('Deployment 1 is deploying') });
    given(create({ hanging: { enabled: true, afterMinutes: 1 } }), start({ version: '1' }), timeOut(1))
      .when(remove())
      .thenRejected('deployment_in_flight');
  });
});

describe('any command', () => {
  it('is target_not_found before version_conflict, and that before all else', () => {
    given()
      .when(expecting(3, finish({})))
      .thenRejected('target_not_found');
    given(create(), remove()).when(change({})).thenRejected('target_not_found');
    const past = given(create());
    past.when(expecting(2, finish({ number: 9 }))).thenRejected('version_conflict', {
      detail: expect.stringContaining('version 1'),
    });
    past.when(expecting(0, finish({ number: 9 }))).thenRejected('version_conflict');
    past.when(expecting(1, finish({ number: 9 }))).thenRejected('deployment_not_found');
    past.when(expecting(1, finish({ version: '1' }))).thenEvents('DeploymentFinished');
  });

  it('expects the version of the stream, 0 where there is none, and goes on with it after a delete', () => {
    given().when(expecting(1, create())).thenRejected('version_conflict');
    given().when(expecting(0, create())).thenEvents('TargetCreated');
    given(create(), remove()).when(expecting(0, create())).thenRejected('version_conflict');
    given(create(), remove()).when(expecting(2, create())).thenEvents('TargetCreated');
  });

  it('says in its events who is claimed to have sent it', () => {
    const claimedBy = { id: 'somebody' };
    const claimed = (sent: ReturnType<typeof create>) => ({ ...sent, context: { claimedBy } });
    given().when(claimed(create())).thenEvents(['TargetCreated', { claimedBy }]);
    given(create(), finish({ version: '1' }))
      .when(claimed(finish({ version: '2' })))
      .thenEvents(['DeploymentSuperseded', { claimedBy }], ['DeploymentFinished', { claimedBy }]);
    given(create(), schedule({ version: '1' }))
      .when(claimed(remove()))
      .thenEvents(['DeploymentCanceled', { claimedBy }], ['TargetDeleted', { claimedBy }]);
  });

  it('happens when its sender says', () => {
    const at = '2020-01-01T00:00:00.000001Z';
    const { events } = given(create()).when(sentAt(at, finish({ version: '1' })));
    expect(events[0]?.occurredAt).toBe(at);
  });
});
