import fc from 'fast-check';
import { addMinutes } from '#domain';
import {
  approve,
  BEGINNING,
  cancel,
  change,
  changeDeployment,
  create,
  deleteDeployment,
  due,
  fail,
  finish,
  refs,
  remove,
  retire,
  rollback,
  schedule,
  sentAt,
  start,
  timeOut,
  type Sending,
} from '#domain/testing';

const number = fc.integer({ min: 1, max: 6 });
const request = fc.record({
  version: fc.constantFrom('1', '2'),
  commitRefs: fc.constantFrom(refs('main@a'), refs('refs/heads/main@b', 'api:main@a'), refs('api:dev@c')),
});
const settings = fc.record(
  {
    hanging: fc.record({ enabled: fc.boolean(), afterMinutes: fc.constantFrom(0.5, 30) }),
    failing: fc.record({ enabled: fc.constantFrom(true, true, false), afterMinutes: fc.constantFrom(1, 10) }),
    requireSchedule: fc.boolean(),
    approvals: fc.constantFrom([], [], [{ name: 'qa', required: 1 }]),
  },
  { requiredKeys: [] },
);
const scheduledFor = fc.constantFrom('2026-12-01T00:00:00.000000Z', '2027-12-01T00:00:00.000000Z');

const sending: fc.Arbitrary<Sending> = fc.oneof(
  { weight: 4, arbitrary: request.map(start) },
  { weight: 4, arbitrary: request.map(finish) },
  {
    weight: 2,
    arbitrary: fc.tuple(request, scheduledFor).map(([asked, at]) => schedule({ ...asked, scheduledFor: at })),
  },
  { weight: 3, arbitrary: fc.constant<Sending>((stream) => timeOut(stream.target.open.at(-1)?.number ?? 1)(stream)) },
  {
    weight: 2,
    arbitrary: fc.constant<Sending>(({ target }) => finish({ number: target.timedOut.at(-1)?.number ?? 1 })),
  },
  request.map(fail),
  request.map(cancel),
  settings.map(change),
  number.map((each) => due(each)),
  number.map((each) => approve(each, 'ann')),
  number.map(retire),
  number.map(deleteDeployment),
  number.map((each) => finish({ number: each })),
  number.map((each) => changeDeployment({ number: each, description: 'changed' })),
  fc.constant(rollback()),
  fc.constant(remove()),
  fc.constant(create()),
);

/** Of a few moments, so that several things happen at once and many are told late. */
const toldLate = fc.tuple(sending, fc.integer({ min: 0, max: 12 })).map(
  ([each, minute]): Sending =>
    (stream) =>
      sentAt(addMinutes(BEGINNING, minute), typeof each === 'function' ? each(stream) : each),
);
const told = fc.oneof({ weight: 3, arbitrary: sending }, { weight: 1, arbitrary: toldLate });

/** What is sent to a few targets in turn, each of them created first; not all of it is accepted. */
export const histories: fc.Arbitrary<readonly (readonly Sending[])[]> = fc.array(
  fc
    .tuple(settings.map(create), fc.array(told, { minLength: 5, maxLength: 40, size: 'max' }))
    .map(([first, more]) => [first, ...more]),
  { minLength: 1, maxLength: 3 },
);
