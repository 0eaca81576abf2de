import { isDeepStrictEqual } from 'node:util';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  approve,
  assertInvariants,
  change,
  changeDeployment,
  ci,
  create,
  cancel,
  deleteDeployment,
  due,
  emptyStream,
  fail,
  finish,
  fold,
  person,
  ref,
  reject,
  remove,
  retire,
  rollback,
  schedule,
  send,
  sentBy,
  start,
  timeOut,
  type Sending,
  type Stream,
} from '../testing/index.js';
import { lineOf, pairOf } from '../testing/oracle-words.js';
import { Oracle } from '../testing/oracle.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import type { PlacedEvent } from './events.js';
import { evolve, lacks } from './evolve.js';
import { withoutHistory, type Target } from './target.js';

const EARLY = '2026-11-20T00:00:00.000000Z';

const mostly = <Value>(usual: Value, ...others: Value[]) => fc.constantFrom(usual, usual, usual, ...others);
const version = fc.constantFrom('1', '2', '3');
const commitRefs = fc.uniqueArray(
  fc
    .constantFrom('main@a', 'main@a', 'main@b', 'main', 'refs/heads/main@a', 'release@a', 'release', 'api:main@a')
    .map(ref),
  { maxLength: 2, selector: pairOf },
);
const lookup = fc.record({ version, commitRefs }, { requiredKeys: [] });
const notes = {
  description: fc.constantFrom('x', 'y', null),
  scheduledFor: fc.constantFrom('2026-12-01T00:00:00.000000Z', '2026-12-02T00:00:00.000000Z', null),
  externalLink: fc.constantFrom({ url: 'https://ci.example/1' }, null),
  metadata: fc.constantFrom({ a: 1 }, {}),
};
const brought = fc.oneof(
  fc.record({ version, commitRefs, ...notes }, { requiredKeys: [] }),
  fc.record({ version, commitRefs, ...notes }, { requiredKeys: ['version', 'commitRefs'] }),
);
const superseding = fc
  .tuple(brought, mostly(false, true))
  .map(([data, supersede]) => (supersede ? { ...data, supersede } : data));
const timeOutOf = (afterMinutes: number, isUsual: boolean) =>
  mostly({ enabled: isUsual, afterMinutes }, { enabled: !isUsual, afterMinutes });
const settings = fc.record(
  {
    manualControls: mostly(true, false),
    hanging: timeOutOf(30, true),
    failing: timeOutOf(120, false),
    requireSchedule: mostly(false, true),
    approvals: mostly(
      [],
      [{ name: 'qa', required: 1 }],
      [
        { name: 'qa', required: 1 },
        { name: 'release', required: 2 },
      ],
    ),
  },
  { requiredKeys: [] },
);
const sender = mostly(ci, person('ann'), person('bob'));
const rule = mostly(undefined, 'qa', 'release', 'none');

/** Made once the stream stands, so that commands mostly find something to do; a deleted target comes back. */
const living =
  (sendingOf: (stream: Stream) => Sending): Sending =>
  (stream) => {
    const sending = stream.target.exists ? sendingOf(stream) : create();
    return typeof sending === 'function' ? sending(stream) : sending;
  };
/** One of the newest deployments, or the one after them. */
const near = (pick: (number: number) => Sending): fc.Arbitrary<Sending> =>
  mostly(0, -1, 1, 2, 3, 5).map((back) => living(({ target }) => pick(Math.max(1, target.lastNumber - back))));
/** One of those that wait or are in flight, if there are any. */
const open = (pick: (number: number) => Sending): fc.Arbitrary<Sending> =>
  fc.nat(3).map((index) => living(({ target }) => pick(target.open[index % (target.open.length || 1)]?.number ?? 1)));

const byBranch = fc.oneof(
  superseding.map(schedule),
  superseding.map(start),
  superseding.map(start),
  brought.map(finish),
  brought.map(fail),
  lookup.map(cancel),
  mostly(undefined, 1, 2, 3, 99).map((to) => rollback(to === undefined ? {} : { to })),
);
const byNumber = fc.tuple(superseding, sender, fc.nat(6)).chain(([data, actor, which]) => {
  const pick = (number: number): Sending => {
    const given = { ...data, supersede: false, number };
    const commands = [
      start({ ...data, number }),
      finish(given),
      fail({ ...given, reason: 'timeout' }),
      cancel({ number }),
      retire(number),
      changeDeployment(given),
      deleteDeployment(number),
    ];
    return sentBy(actor, commands[which] ?? retire(number));
  };
  return fc.oneof(near(pick), open(pick));
});
const approvals = fc.oneof(
  fc.tuple(fc.constantFrom('ann', 'bob'), rule).chain(([by, named]) => open((n) => approve(n, by, named))),
  fc.tuple(fc.constantFrom('ann', 'bob'), rule).chain(([by, named]) => open((n) => approve(n, by, named))),
  near((n) => reject(n)),
);
const now = mostly(undefined, EARLY);
const clocks = fc.oneof(
  now.chain((moment) => open((n) => timeOut(n, moment))),
  now.chain((moment) => open((n) => due(n, moment))),
);
const sending: fc.Arbitrary<Sending> = fc.oneof(
  { weight: 12, arbitrary: byBranch.map((sent) => living(() => sent)) },
  { weight: 8, arbitrary: byNumber },
  { weight: 3, arbitrary: approvals },
  { weight: 5, arbitrary: clocks },
  { weight: 2, arbitrary: settings.map(change) },
  { weight: 1, arbitrary: fc.oneof(fc.constant(remove()), settings.map(create), superseding.map(start)) },
);

/** Random commands, each judged by the oracle and on every shape that the state can have. */
const play = (sendings: readonly Sending[]): Stream => {
  const oracle = new Oracle();
  let stream = emptyStream;
  for (const each of sendings) {
    const sent = typeof each === 'function' ? each(stream) : each;
    const before = stream;
    const { stream: after, decision, context } = send(stream, sent);
    const expected = oracle.expects(sent.command, context);
    if (!isDeepStrictEqual(summary(decision), expected))
      expect({ command: sent.command, outcome: summary(decision) }).toEqual({
        command: sent.command,
        outcome: expected,
      });
    equal(decide(roundTrip(before.target), sent.command, context), decide(before.target, sent.command, context));
    equal(withoutHistory(after.whole), after.target);
    stream = after;
  }
  return stream;
};

const equal = (actual: unknown, expected: unknown) => {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
};

const roundTrip = (target: Target): Target => JSON.parse(JSON.stringify(target)) as Target;

const summary = (decision: Decision): string | string[] => {
  if ('rejected' in decision) return decision.from ? `${decision.rejected} ${decision.from}` : decision.rejected;
  if ('needs' in decision) return 'needs history';
  return decision.events.map(({ type, data }) => lineOf(type, data));
};

describe('any sequence of commands', () => {
  it('is answered as domain.md says, keeps its invariants after every event, and folds to the same state again', () => {
    fc.assert(
      fc.property(fc.array(sending, { minLength: 5, maxLength: 40, size: 'max' }), settings, (sendings, initial) => {
        const { events, target, whole } = play([create(initial), ...sendings]);
        assertInvariants(events);
        equal(fold(events, { history: true }), whole);
        equal(foldSmall(events), target);
      }),
      { numRuns: Number(process.env['MODEL_RUNS'] ?? 120) },
    );
  });
});

/** As a projection folds: without history, but for what only the log knows. */
const foldSmall = (events: readonly PlacedEvent[]): Target =>
  events.reduce((target, event, index) => {
    return lacks(target, event)
      ? withoutHistory(fold(events.slice(0, index + 1), { history: true }))
      : evolve(target, event);
  }, fold([]));
