import { describe, expect, it } from '@jest/globals';
import { deploymentEventTypes, targetEventTypes } from '#domain';
import {
  approve,
  cancel,
  change,
  changeDeployment,
  create,
  deleteDeployment,
  due,
  fail,
  finish,
  given,
  person,
  refs,
  reject,
  remove,
  retire,
  rollback,
  schedule,
  sentBy,
  start,
  timeOut,
  type Sending,
} from '#domain/testing';
import { logged } from '../testing/logged.js';
import { sentenceOf } from './explain.js';

const people = new Map([['kim', { id: 'p-7', name: 'Kim' }]]);

/** How the last event of these commands is told. */
const lastSaid = (...past: Sending[]): string => {
  const all = given(...past).stream.events.map(logged);
  return sentenceOf(all.at(-1)!, all, people).says;
};

const approvals = [{ name: 'qa', required: 1 }];
const one = { version: '1.3.9', commitRefs: refs('release@abc1234') };
const two = { version: '1.4.0', commitRefs: refs('release@def5678') };
const limits = { hanging: { enabled: true, afterMinutes: 30 }, failing: { enabled: true, afterMinutes: 120 } };
const kim = person('kim');

/** What was sent, and how the last event of it is told. */
const told: ReadonlyArray<[says: string, ...past: Sending[]]> = [
  ['ci created the target production.', create()],
  ['Kim created the target production again.', create(), remove(), sentBy(kim, create())],
  ['ci changed the target production.', create(), change({ requireSchedule: true })],
  ['ci deleted the target production.', create(), remove()],
  ['ci scheduled 1.3.9 (#1) from web-shop:release@abc1234.', create(), schedule(one)],
  [
    'ci scheduled 1.3.9 (#1) for 2026-12-01T22:00:00Z.',
    create(),
    schedule({ version: '1.3.9', scheduledFor: '2026-12-01T22:00:00.000000Z' }),
  ],
  [
    'ci scheduled 1.3.9 (#1), blocked until it has the approvals that the target asks for.',
    create({ approvals }),
    schedule({ version: '1.3.9' }),
  ],
  [
    'Kim approved 1.3.9 (#1) for the rule qa.',
    create({ approvals: [{ name: 'qa', required: 2 }] }),
    schedule(one),
    approve(1, 'kim'),
  ],
  [
    '1.3.9 (#1) lacked no approval any more and became scheduled.',
    create({ approvals }),
    schedule(one),
    approve(1, 'kim'),
  ],
  [
    'Kim rejected 1.3.9 (#1) (“not on a Friday”), which canceled it.',
    create({ approvals }),
    schedule(one),
    sentBy(kim, reject(1, 'not on a Friday')),
  ],
  [
    '1.3.9 (#1) came to be due, as it was scheduled for 2026-11-21T10:00:00.5Z.',
    create(),
    schedule({ version: '1.3.9', scheduledFor: '2026-11-21T10:00:00.500000Z' }),
    due(1),
  ],
  ['ci started 1.3.9 (#1) from web-shop:release@abc1234.', create(), start(one)],
  [
    'ci started 1.3.9 (#1), which was scheduled, and changed its commits, which had been web-shop:release.',
    create(),
    schedule({ ...one, commitRefs: refs('release') }),
    start(one),
  ],
  ['ci started 1.3.9 (#1) again, which was hanging.', create(limits), start(one), timeOut(1, hungBy()), start(one)],
  [
    'ci started 1.3.9 (#3) from web-shop:release@abc1234, to roll back #2.',
    create(),
    finish(one),
    finish(two),
    rollback(),
  ],
  [
    'ci started 1.4.0 (#1) from web-shop:release@def5678 in place of 1.3.9 from web-shop:release@abc1234, which was deploying.',
    create(),
    start(one),
    start(two),
  ],
  [
    'ci changed 1.4.0 (#1): its version, which had been 1.3.9, its link and when it is scheduled for, which had been no certain time.',
    create(),
    schedule(one),
    changeDeployment({
      number: 1,
      version: '1.4.0',
      externalLink: { url: 'https://ci.example/1' },
      scheduledFor: '2026-12-01T22:00:00.000000Z',
    }),
  ],
  [
    'ci changed 1.4.0 (#1): its version, which had been 1.3.9, which took the approvals given so far back.',
    create({ approvals: [{ name: 'qa', required: 2 }] }),
    schedule(one),
    approve(1, 'kim'),
    changeDeployment({ number: 1, version: '1.4.0' }),
  ],
  [
    '1.3.9 (#1) became hanging, as it had been deploying for longer than the target allows, which was until 2026-11-20T10:31:00Z.',
    create(limits),
    start(one),
    timeOut(1, hungBy()),
  ],
  ['ci finished 1.3.9 (#1) from web-shop:release@abc1234.', create(), finish(one)],
  ['ci finished 1.4.0 (#2), which replaced 1.3.9 (#1).', create(), finish(one), start(two), finish(two)],
  [
    'ci finished 1.3.9 (#3), which rolled back 1.4.0 (#2).',
    create(),
    finish(one),
    finish(two),
    rollback(),
    finish({ number: 3 }),
  ],
  ['ci finished 1.3.9 (#1), which had failed before.', create(limits), start(one), timeOut(1), finish(one)],
  [
    'ci finished 1.3.9 (#1) from web-shop:release@abc1234, without the approvals that the target asks for and without having been scheduled, as the target asks for.',
    create({ approvals, requireSchedule: true }),
    finish(one),
  ],
  ['ci took 1.3.9 (#1) down, with nothing in its place.', create(), finish(one), retire(1)],
  [
    '1.3.9 (#1) failed by time-out, as it had been in flight for longer than the target allows, which was until 2026-11-20T12:01:00Z.',
    create(limits),
    start(one),
    timeOut(1),
  ],
  ['ci reported that 1.3.9 (#1) failed (“smoke test”).', create(), start(one), fail({ ...one, reason: 'smoke test' })],
  ['ci reported that 1.3.9 (#1), which was current, failed.', create(), finish(one), fail({ number: 1 })],
  ['ci reported that 1.3.9 (#1) from web-shop:release@abc1234 failed.', create(), fail(one)],
  ['ci canceled 1.3.9 (#1), which was deploying.', create(), start(one), cancel(one)],
  ['ci deleted 1.3.9 (#1), which was failed.', create(), fail(one), deleteDeployment(1)],
];

/** Past the first limit and before the second. */
function hungBy() {
  return '2026-11-20T10:40:00.000000Z';
}

describe('An event is told', () => {
  it.each(told)('%s', (says, ...past) => {
    expect(lastSaid(...past)).toBe(says);
  });

  it('with who sends it and for whom', () => {
    const claimed = create();
    const sent = { ...claimed, context: { claimedBy: { id: 'kim' } } };
    expect(lastSaid(sent)).toBe('ci (for Kim) created the target production.');
  });

  it('whatever its type is', () => {
    const types = new Set(told.flatMap(([, ...past]) => given(...past).stream.events.map(({ type }) => type)));
    expect([...types].sort()).toEqual([...targetEventTypes, ...deploymentEventTypes].sort());
  });
});
