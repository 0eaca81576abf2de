import fc, { type Arbitrary } from 'fast-check';
import { environmentTypes, type PublicCommandType } from '#domain';

const text = fc.oneof(
  fc.stringMatching(/^[\w./-]{1,12}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
);
const name = text.filter((each) => !['__proto__', 'constructor'].includes(each));
const moment = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-30'), noInvalidDate: true })
  .map((date) => date.toISOString());
const url = fc.webUrl({ withQueryParameters: true, withFragments: true });
const commitRef = fc.record(
  { repository: text, branch: text, commit: text },
  { requiredKeys: ['repository', 'branch'] },
);
const commitRefs = fc.uniqueArray(commitRef, {
  maxLength: 4,
  selector: ({ repository, branch }) => JSON.stringify([repository, branch.replace(/^refs\/heads\//, '')]),
});
const metadata = fc.dictionary(
  name,
  fc.oneof(
    text,
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, max: 1, min: -1 }),
  ),
  { maxKeys: 5 },
);
const particulars = {
  scheduledFor: fc.option(moment),
  externalLink: fc.option(fc.record({ label: text, url }, { requiredKeys: ['url'] })),
  description: fc.option(fc.string({ unit: 'grapheme', maxLength: 50 })),
  metadata,
};
const brought = { version: text, commitRefs, ...particulars };
const timeOut = fc.record(
  { enabled: fc.boolean(), afterMinutes: fc.double({ min: 0.01, max: 5_256_000, noNaN: true }) },
  { requiredKeys: [] },
);
const approvals = fc.uniqueArray(fc.record({ name: text, required: fc.integer({ min: 1, max: 9 }) }), {
  maxLength: 3,
  selector: ({ name }) => name,
});
const settings = fc.record(
  { manualControls: fc.boolean(), hanging: timeOut, failing: timeOut, requireSchedule: fc.boolean(), approvals },
  { requiredKeys: [] },
);
const target = {
  name: fc.option(text),
  description: fc.option(text),
  repositories: fc.array(text, { maxLength: 3 }),
  environmentType: fc.constantFrom(...environmentTypes),
  externalUrl: fc.option(url),
  labels: fc.dictionary(name, fc.string({ unit: 'grapheme', maxLength: 20 }), { maxKeys: 4 }),
  settings,
};

const members: Record<PublicCommandType, Record<string, Arbitrary<unknown>>> = {
  CreateTarget: target,
  ChangeTarget: target,
  DeleteTarget: {},
  ScheduleDeployment: { ...brought, supersede: fc.boolean() },
  StartDeployment: { ...brought, supersede: fc.boolean() },
  FinishDeployment: brought,
  FailDeployment: { ...brought, reason: text },
  CancelDeployment: { version: text, commitRefs, reason: text },
  RollbackDeployment: { ...particulars, to: fc.integer({ min: 1 }) },
  RetireDeployment: {},
  ApproveDeployment: { comment: text, rule: text },
  RejectDeployment: { comment: text },
  ChangeDeployment: brought,
  DeleteDeployment: {},
};

const common = {
  occurredAt: moment,
  claimedBy: fc.record({ id: text, name: text }, { requiredKeys: ['id'] }),
};

type Body = Record<string, unknown>;

/** Bodies over HTTP that a command of this type may have. */
export const validBody = (type: PublicCommandType): Arbitrary<Body> =>
  fc
    .record({ ...members[type], ...common }, { requiredKeys: [] })
    .map((body) => (type === 'CreateTarget' ? { ...body, key: 'production' } : body));

/** Values that break those who meet them unprepared. */
export const hostile: readonly unknown[] = [
  null,
  '',
  ' ',
  0,
  -0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  true,
  [],
  {},
  [[]],
  [{}],
  [null],
  { toString: 1 },
  { length: 1 },
  { prototype: {} },
  'x'.repeat(300),
  '\u{1F600}'.repeat(200),
  'e\u0301'.repeat(150),
  'tab\tand\r\nline ends',
  '\u202Egnp.exe',
  '\u001B[31mred',
  '<img src=x onerror=alert(1)>',
  '${jndi:ldap://x}',
  '../..',
  '%00',
  '.',
  '..',
  ' spaced',
  'spaced\u00A0',
  'A\u030A',
  'javascript:alert(1)',
  'JaVa\tscript:alert(1)',
  'https://example.com/\u0000',
  'https://exa mple.com',
  'http://',
  'https:example.com',
  'data:text/html,x',
  'HTTPS://EXAMPLE.COM',
  '2026-11-20',
  '2026-11-20T10:00:00',
  '2026-11-20t10:00:00.123456789z',
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
  'production',
  { repository: 'r', branch: 'b' },
  [
    { repository: 'r', branch: 'b' },
    { repository: 'r', branch: 'refs/heads/b' },
  ],
  [
    { name: 'a', required: 1 },
    { name: 'a', required: 2 },
  ],
  Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 'v'])),
  { text: 'x'.repeat(17_000) },
  { enabled: null },
  { afterMinutes: 0 },
  { afterMinutes: 5_256_001 },
];

/** A body with one member, at any depth, taken away, replaced by something hostile, or joined by an unknown one. */
export const nearValidBody = (type: PublicCommandType): Arbitrary<Body> =>
  fc
    .tuple(validBody(type), fc.nat(), fc.constantFrom('remove', 'replace', 'add'), fc.constantFrom(...hostile))
    .map(([body, at, how, value]) => {
      const changed = structuredClone(body);
      const places = placesIn(changed);
      const [owner, key] = places[at % places.length] ?? [changed, 'version'];
      if (how === 'remove' && Array.isArray(owner)) owner.splice(Number(key), 1);
      else if (how === 'remove') delete owner[key];
      else owner[how === 'add' ? 'surplus' : key] = value;
      return changed;
    });

const placesIn = (value: Body): Array<[owner: Body, key: string]> =>
  Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [Body, string],
    ...(typeof inner === 'object' && inner !== null ? placesIn(inner as Body) : []),
  ]);
