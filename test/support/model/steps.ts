import fc from 'fast-check';
import { pairOf, ref } from '#domain/testing';

export type Sender = 'ci' | 'ann' | 'bob';
/** Which deployment: one of the newest or the one after them, one of those that wait or are in flight, or of the blocked. */
export type Pick = Readonly<{ near: number } | { open: number } | { blocked: number }>;
export type Data = Readonly<Record<string, unknown>>;
/** What is sent next, as far as it can be said before it is known how the target stands. */
export type Step = Readonly<{
  sender: Sender;
  /** Sent to a target that is not there as well, instead of one that brings it back. */
  blind: boolean;
  expecting: 'nothing' | 'present' | 'past';
  what: Readonly<{ type: string; data: Data; pick?: Pick } | { again: number } | { reuse: number }>;
}>;
export type Sequence = Readonly<{ settings: Data; steps: readonly Step[]; oneByOne: boolean }>;

/** A past that is due at once, and a time to come that no test lives to see. */
export const PAST = '2020-01-01T00:00:00.000000Z';
const TO_COME = ['2099-12-01T00:00:00.000000Z', '2099-12-02T00:00:00.000000Z'];
/** Some milliseconds: what is in flight runs out at once. */
export const AT_ONCE = 0.0002;

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
  scheduledFor: fc.constantFrom(...TO_COME, ...TO_COME, null, PAST),
  externalLink: fc.constantFrom({ url: 'https://ci.example/1' }, { label: 'CI', url: 'https://ci.example/2' }, null),
  metadata: fc.constantFrom({ a: 1 }, { a: 2 }, {}),
};
const brought: fc.Arbitrary<Data> = fc.oneof(
  fc.record({ version, commitRefs, ...notes }, { requiredKeys: [] }),
  fc.record({ version, commitRefs, ...notes }, { requiredKeys: ['version', 'commitRefs'] }),
);
const superseding = fc
  .tuple(brought, mostly(false, true))
  .map(([data, supersede]): Data => (supersede ? { ...data, supersede } : data));
const failing = fc
  .tuple(brought, mostly(undefined, 'broken', 'timeout'))
  .map(([data, reason]): Data => (reason === undefined ? data : { ...data, reason }));

const timeOut = fc.record(
  { enabled: fc.boolean(), afterMinutes: fc.constantFrom(60, AT_ONCE) },
  { requiredKeys: ['enabled', 'afterMinutes'] },
);
const approvals = mostly(
  [],
  [{ name: 'qa', required: 1 }],
  [
    { name: 'qa', required: 1 },
    { name: 'release', required: 2 },
  ],
  [{ name: 'release', required: 1 }],
);
const settings: fc.Arbitrary<Data> = fc.record(
  {
    manualControls: mostly(true, false),
    hanging: timeOut,
    failing: timeOut,
    requireSchedule: mostly(false, true),
    approvals,
  },
  { requiredKeys: [] },
);
const calm: fc.Arbitrary<Data> = fc.record({ approvals, requireSchedule: mostly(false, true) }, { requiredKeys: [] });

const of = (type: string, data: fc.Arbitrary<Data>) => data.map((said) => ({ type, data: said }));
const pick: fc.Arbitrary<Pick> = fc.oneof(
  mostly(0, -1, 1, 2, 3, 5).map((near) => ({ near })),
  fc.nat(3).map((open) => ({ open })),
);
const given = (type: string, data: fc.Arbitrary<Data>, which = pick) =>
  fc.tuple(data, which).map(([said, picked]) => ({ type, data: said, pick: picked }));
const none = fc.constant<Data>({});
const reason = fc.constantFrom<Data>({}, { reason: 'no longer wanted' });
const comment = fc.constantFrom<Data>({}, { comment: 'looks good' });
const approval = fc
  .tuple(comment, mostly(undefined, 'qa', 'release', 'none'))
  .map(([said, rule]): Data => (rule === undefined ? said : { ...said, rule }));
const to = mostly(undefined, 1, 2, 3, 99).map((number): Data => (number === undefined ? {} : { to: number }));
const open = fc.nat(3).map((index): Pick => ({ open: index }));
const blocked = fc.nat(2).map((index): Pick => ({ blocked: index }));
const branches = fc.constantFrom<Data>(
  { commitRefs: [ref('main')] },
  { commitRefs: [ref('release')] },
  { commitRefs: [ref('main'), ref('release')] },
  { version: '2', commitRefs: [ref('refs/heads/main@b')] },
);

const byBranch = fc.oneof(
  of('ScheduleDeployment', superseding),
  of('ScheduleDeployment', superseding),
  of('StartDeployment', superseding),
  of('StartDeployment', superseding),
  of('FinishDeployment', brought),
  of('FailDeployment', failing),
  of(
    'CancelDeployment',
    fc.tuple(lookup, reason).map(([said, why]): Data => ({ ...said, ...why })),
  ),
  of(
    'RollbackDeployment',
    fc.tuple(fc.record(notes, { requiredKeys: [] }), to).map(([said, back]): Data => ({ ...said, ...back })),
  ),
);
const byNumber = fc.oneof(
  given('StartDeployment', superseding),
  given('FinishDeployment', brought),
  given('FailDeployment', failing),
  given('CancelDeployment', reason),
  given('RetireDeployment', none),
  given('ChangeDeployment', brought),
  given('ChangeDeployment', branches, open),
  given('ChangeDeployment', branches, open),
  given('ChangeDeployment', branches, open),
  given('DeleteDeployment', none),
);
const judging = fc.oneof(
  { weight: 5, arbitrary: given('ApproveDeployment', approval, blocked) },
  { weight: 1, arbitrary: given('ChangeDeployment', branches, blocked) },
  { weight: 1, arbitrary: given('RejectDeployment', comment, fc.oneof(blocked, open)) },
);
const targets = fc.oneof(
  {
    weight: 6,
    arbitrary: of(
      'ChangeTarget',
      settings.map((said): Data => ({ settings: said })),
    ),
  },
  {
    weight: 1,
    arbitrary: of('ChangeTarget', fc.constantFrom<Data>({ name: 'A' }, { name: null }, { labels: { a: 'b' } })),
  },
  { weight: 2, arbitrary: of('DeleteTarget', none) },
  {
    weight: 1,
    arbitrary: of(
      'CreateTarget',
      calm.map((said): Data => ({ settings: said })),
    ),
  },
);
const once = fc.nat(9);

const step = (what: fc.Arbitrary<Step['what']>, sender: fc.Arbitrary<Sender>): fc.Arbitrary<Step> =>
  fc.record({
    sender,
    blind: fc.nat(5).map((each) => each === 0),
    expecting: fc.oneof(
      { weight: 30, arbitrary: fc.constant<'nothing'>('nothing') },
      { weight: 2, arbitrary: fc.constant<'present'>('present') },
      { weight: 1, arbitrary: fc.constant<'past'>('past') },
    ),
    what,
  });
const steps = fc.oneof(
  { weight: 12, arbitrary: step(byBranch, fc.constant<Sender>('ci')) },
  { weight: 7, arbitrary: step(byNumber, mostly<Sender>('ci', 'ann')) },
  { weight: 5, arbitrary: step(judging, fc.constantFrom<Sender>('ann', 'bob', 'ci')) },
  { weight: 3, arbitrary: step(targets, fc.constant<Sender>('ci')) },
  {
    weight: 1,
    arbitrary: step(
      once.map((again) => ({ again })),
      fc.constant<Sender>('ci'),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      once.map((reuse) => ({ reuse })),
      fc.constant<Sender>('ci'),
    ),
  },
);

/** Any commands that one target may be sent, one in eight times by a route of their own each. */
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  settings: calm,
  steps: fc.array(steps, { minLength: 5, maxLength: 30, size: 'max' }),
  oneByOne: fc.nat(7).map((each) => each === 0),
});
