import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  approve,
  cancel,
  change,
  changeDeployment,
  create,
  deleteDeployment,
  due,
  emptyStream,
  fail,
  finish,
  fold,
  refs,
  reject,
  remove,
  retire,
  rollback,
  schedule,
  send,
  start,
  timeOut,
  type Sending,
} from '#domain/testing';
import { logged } from '../testing/logged.js';
import { answerSchemas } from '../components.js';
import { explain, toldOf } from './explain.js';

const number = fc.integer({ min: 1, max: 5 });
const request = fc.record({
  version: fc.constantFrom('1', '2'),
  commitRefs: fc.constantFrom(refs('main@a'), refs('dev@b', 'api:main@a'), []),
});
const sending: fc.Arbitrary<Sending> = fc.oneof(
  request.map(start),
  request.map(finish),
  request.map((asked) => schedule({ ...asked, scheduledFor: '2026-12-01T00:00:00.000000Z' })),
  request.map(schedule),
  request.map((asked) => fail({ ...asked, reason: 'tests' })),
  request.map(cancel),
  number.map((each) => timeOut(each)),
  number.map((each) => due(each)),
  number.map((each) => approve(each, 'ann')),
  number.map((each) => reject(each)),
  number.map(retire),
  number.map(deleteDeployment),
  number.map((each) => finish({ number: each })),
  number.map((each) => changeDeployment({ number: each, description: 'changed', commitRefs: refs('main@c') })),
  fc.constantFrom<Sending>(rollback(), remove(), create()),
  fc
    .constantFrom([], [{ name: 'qa', required: 1 }])
    .map((approvals) => change({ approvals, hanging: { enabled: true, afterMinutes: 1 } })),
);

it('Whatever happened, each event has its sentence and the target its explanation', () => {
  fc.assert(
    fc.property(fc.array(sending, { maxLength: 30, size: 'max' }), (sendings) => {
      const { events } = [create(), ...sendings].reduce((stream, each) => send(stream, each).stream, emptyStream);
      const target = fold(events, { history: true });
      const all = events.map(logged);
      const about = (own: number) => all.filter(({ data }) => (JSON.parse(data) as { number?: number }).number === own);
      const told = Object.values(toldOf(target)).flat();
      const explanation = explain(target, {
        events: new Map(told.map((each) => [each.number, { events: about(each.number), count: 1 }])),
        settingsSet: all[0],
        stopped: all.at(-1),
      });
      expect(Object.keys(explanation)).toEqual(Object.keys(answerSchemas['Explanation']!['properties'] as object));
      const deployments = [explanation.current ?? [], explanation.inFlight, explanation.waiting].flat();
      const said = [
        explanation.summary,
        explanation.stopped!.says,
        ...deployments.flatMap((each) => [each.summary, ...[...each.events, ...each.expects].map(({ says }) => says)]),
      ];
      for (const says of said) expect(says).toMatch(/^(?!.*(undefined|null|NaN|\[object|  | ,|,,|\.\.)).+[^.,]\.$/);
      for (const { status, events: own } of deployments) expect([status, own.length > 0]).toEqual([status, true]);
    }),
    { numRuns: 400 },
  );
});
