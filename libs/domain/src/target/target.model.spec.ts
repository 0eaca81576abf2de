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
import { describe as describeEvent, pairOf, textOf } from '../testing/oracle-words.js';
import { Oracle } from '../testing/oracle.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import type { PlacedEvent } from './events.js';
import { evolve, lacks } from './evolve.js';
import { withoutHistory, type Target } from './target.js';

const EARLY = '2026-11-20T00:00:00.000000Z';

const version = fc.constantFrom('1', '2', '3');
const number = fc.integer({ min: 1, max: 9 });
const commitRefs = fc.uniqueArray(
  fc
    .constantFrom('main@a', 'main@b', 'main', 'refs/heads/main@a', 'release@a', 'release', 'api:main@a', 'api:main')
    .map(ref),
  { maxLength: 2, selector: pairOf },
);
const lookup = fc.record({ version, commitRefs }, { requiredKeys: [] });
const notes = {
  description: fc.constantFrom('x', 'y', null),
  scheduledFor: fc.constantFrom('2026-12-01T00:00:00.000000Z', '2026-12-02T00:00:00.000000Z', null),
};
const brought = fc.record({ version, commitRefs, ...notes }, { requiredKeys: [] });
const superseding = fc.record({ version, commitRefs, ...notes, supersede: fc.boolean() }, { requiredKeys: [] });
const timeOutOf = (afterMinutes: number) =>
  fc.record({ enabled: fc.boolean(), afterMinutes: fc.constant(afterMinutes) });
const settings = fc.record(
  {
    manualControls: fc.boolean(),
    hanging: timeOutOf(30),
    failing: timeOutOf(120),
    requireSchedule: fc.boolean(),
    approvals: fc.constantFrom(
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
const sender = fc.constantFrom(ci, ci, person('ann'), person('bob'));
const rule = fc.constantFrom('qa', 'release', 'none', undefined, undefined);
const now = fc.constantFrom(EARLY, undefined, undefined);
/** Of two numbers one is more often the newest deployment, where things happen. */
const near = (pick: (number: number) => Sending): fc.Arbitrary<Sending> =>
  fc.oneof(
    number.map(pick),
    fc.integer({ min: 0, max: 1 }).map((back) => (stream: Stream) => {
      const sending = pick(Math.max(1, stream.target.lastNumber - back));
      return typeof sending === 'function' ? sending(stream) : sending;
    }),
  );

const byBranch = fc.oneof(
  superseding.map(schedule),
  superseding.map(start),
  brought.map(finish),
  brought.map(fail),
  lookup.map(cancel),
  fc.record({ to: number }, { requiredKeys: [] }).map(rollback),
);
const byNumber = fc.tuple(superseding, sender, fc.integer({ min: 0, max: 6 })).chain(([data, actor, which]) =>
  near((n) => {
    const { supersede: _, ...rest } = data;
    const given = { ...rest, number: n };
    return sentBy(
      actor,
      [
        () => start({ ...data, number: n }),
        () => finish(given),
        () => fail({ ...given, reason: 'timeout' }),
        () => cancel({ number: n }),
        () => retire(n),
        () => changeDeployment(given),
        () => deleteDeployment(n),
      ][which]!(),
    );
  }),
);
const approvals = fc.oneof(
  fc.tuple(fc.constantFrom('ann', 'bob'), rule).chain(([by, named]) => near((n) => approve(n, by, named))),
  near((n) => reject(n)),
);
const clocks = fc.oneof(
  now.chain((moment) => near((n) => timeOut(n, moment))),
  now.chain((moment) => near((n) => due(n, moment))),
);
const sending: fc.Arbitrary<Sending> = fc.oneof(
  { weight: 10, arbitrary: byBranch },
  { weight: 6, arbitrary: byNumber },
  { weight: 3, arbitrary: approvals },
  { weight: 4, arbitrary: clocks },
  { weight: 2, arbitrary: settings.map(change) },
  { weight: 1, arbitrary: fc.oneof(fc.constant(remove()), settings.map(create)) },
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
  return decision.events.map((event) => {
    if (!('number' in event.data)) return event.type;
    const { number: n, from, status, version: v, commitRefs: refs, description, scheduledFor } = event.data;
    const { violations, supersededBy, recoveredFrom, reason, approvalsWithdrawn: withdrawn, rule: named } = event.data;
    const text = textOf(Object.fromEntries(refs.map((each) => [pairOf(each), each.commit ?? ''])));
    return describeEvent(
      event.type,
      { n, from, status, version: v, refs: text, note: description, time: scheduledFor },
      {
        violations: violations?.join(),
        supersededBy: event.type === 'DeploymentSuperseded' ? supersededBy : undefined,
        recoveredFrom,
        reason,
        withdrawn,
        rule: named,
      },
    );
  });
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
      { numRuns: Number(process.env['MODEL_RUNS'] ?? 150) },
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
