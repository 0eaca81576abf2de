import { describe, expect, it } from '@jest/globals';

import {
  approve,
  change,
  command,
  create,
  due,
  given,
  refs,
  schedule,
  start,
  timeOut,
  type Sending,
} from '../testing/index.js';
import { deadlinesOf } from './deadlines.js';

const NOON = '2026-11-20T12:00:00.000000Z';
const timeOuts = {
  hanging: { enabled: true, afterMinutes: 1 },
  failing: { enabled: true, afterMinutes: 2.5 },
};
const after = (...past: Sending[]) => deadlinesOf(given(...past).stream.target);

describe('deadlines', () => {
  it('are both clocks of what is deploying, and failing alone of what hangs', () => {
    const clock = { number: 1, clockVersion: 2, armedBy: 2 };
    const failing = { kind: 'failing', ...clock, afterMinutes: 2.5 };
    expect(after(create(timeOuts), start({ version: '1' }))).toEqual([
      { kind: 'hanging', ...clock, afterMinutes: 1 },
      failing,
    ]);
    expect(after(create(timeOuts), start({ version: '1' }), timeOut(1, '2026-11-20T10:02:00.000000Z'))).toEqual([
      failing,
    ]);
    expect(after(create(), start({ version: '1' }))).toEqual([]);
  });

  it('are armed again by a change of settings, and by nothing else that happens to the target', () => {
    const started = [create(timeOuts), start({ version: '1' })] as const;
    expect(after(...started, change({ hanging: { enabled: false, afterMinutes: 1 } }))).toEqual([
      { kind: 'failing', number: 1, clockVersion: 2, armedBy: 3, afterMinutes: 2.5 },
    ]);
    const renamed = command('ChangeTarget', { name: 'Shop' });
    expect(after(...started, renamed, schedule({ version: '2' }))).toMatchObject([{ armedBy: 2 }, { armedBy: 2 }]);
  });

  it('are the time of what is scheduled, until it was due', () => {
    const scheduled = [create(), schedule({ version: '1', commitRefs: refs('main'), scheduledFor: NOON })] as const;
    expect(after(...scheduled)).toEqual([{ kind: 'due', number: 1, dueVersion: 2, armedBy: 2, at: NOON }]);
    expect(after(...scheduled, due(1))).toEqual([]);
    expect(after(...scheduled, start({ commitRefs: refs('main@a') }))).toEqual([]);
  });

  it('are none of what is blocked', () => {
    const blocked = [
      create({ approvals: [{ name: 'release', required: 1 }] }),
      schedule({ version: '1', scheduledFor: NOON }),
    ] as const;
    expect(after(...blocked)).toEqual([]);
    expect(after(...blocked, approve(1, 'ann'))).toEqual([
      { kind: 'due', number: 1, dueVersion: 2, armedBy: 2, at: NOON },
    ]);
  });
});
