import { describe, expect, it } from '@jest/globals';
import { refOf, spaceClient } from '../../../../../test/support/space.js';
import { unique } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { place, report, native } = spaceClient(() => api);
const main = (commit?: string) => [refOf('main', commit)];

/** A history of reports, and what it leaves: versions and statuses as our own API shows them, newest first. */
type History = Readonly<{
  what: string;
  reports: ReadonlyArray<[verb: string, more?: object]>;
  leaves: readonly string[];
  /** And where each report has an `Idempotency-Key` of its own, if that is another. */
  leavesWithKeys?: readonly string[];
}>;
const histories: readonly History[] = [
  {
    what: 'schedule finds the scheduled one of the branch and changes it',
    reports: [
      ['schedule', { version: '1', commitRefs: main() }],
      ['schedule', { version: '1.1', commitRefs: main('abc1234'), scheduledStart: '2030-01-01T00:00:00Z' }],
    ],
    leaves: ['1.1 scheduled'],
  },
  {
    what: 'schedule without such a branch makes one',
    reports: [
      ['schedule', { version: '1', commitRefs: main() }],
      ['schedule', { version: '2', commitRefs: [refOf('other')] }],
    ],
    leaves: ['2 scheduled', '1 scheduled'],
  },
  {
    what: 'HEAD, Latest and an empty commit are none',
    reports: [['schedule', { version: '1', commitRefs: [refOf('a', 'HEAD'), refOf('b', 'Latest'), refOf('c', '')] }]],
    leaves: ['1 scheduled'],
  },
  {
    what: 'start takes the scheduled one of the branch, with the version and commit of the request',
    reports: [
      ['schedule', { version: '1', commitRefs: main() }],
      ['start', { version: '2', commitRefs: main('abc1234') }],
    ],
    leaves: ['2 deploying'],
  },
  {
    what: 'start updates the one that is deploying',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['start', { version: '2', commitRefs: main('def5678') }],
    ],
    leaves: ['2 deploying'],
  },
  {
    what: 'start of another branch takes over the one that is deploying',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['start', { version: '2', commitRefs: [refOf('other', 'def5678')] }],
      ['finish', { commitRefs: [refOf('other', 'def5678')] }],
    ],
    leaves: ['2 current'],
  },
  {
    what: 'start takes the commit that was scheduled, where it names none',
    reports: [
      ['schedule', { version: '1', commitRefs: main('abc1234') }],
      ['start', { commitRefs: main('HEAD') }],
    ],
    leaves: ['1 deploying'],
  },
  {
    what: 'start without a schedule makes one, also by its version alone',
    reports: [['start', { version: '1', syncWithAutomationJob: true }]],
    leaves: ['1 deploying'],
  },
  {
    what: 'finish takes the deploying one of the branch, and replaces what was current',
    reports: [
      ['finish', { version: '1', commitRefs: main('abc1234') }],
      ['start', { version: '2', commitRefs: main('def5678') }],
      ['finish', { commitRefs: main() }],
    ],
    leaves: ['2 current', '1 completed'],
  },
  {
    what: 'finish takes the scheduled one of branch and commit',
    reports: [
      ['schedule', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { commitRefs: main('abc1234') }],
    ],
    leaves: ['1 current'],
  },
  {
    what: 'finish of another commit than the scheduled one makes one',
    reports: [
      ['schedule', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '2', commitRefs: main('def5678') }],
    ],
    leaves: ['2 current', '1 scheduled'],
  },
  {
    what: 'finish of another commit than was started is of the deploying one of the branch',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { commitRefs: main('def5678') }],
    ],
    leaves: ['1 current'],
  },
  {
    what: 'finish of a branch that nobody heard of makes one',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '2', commitRefs: [refOf('other', 'def5678')] }],
    ],
    leaves: ['2 current', '1 deploying'],
  },
  {
    what: 'finish without branches takes the deploying one',
    reports: [['start', { version: '1', commitRefs: main('abc1234') }], ['finish']],
    leaves: ['1 current'],
  },
  {
    what: 'finish without branches takes the deploying one, whatever its version was to be',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '1.0.1' }],
    ],
    leaves: ['1.0.1 current'],
  },
  {
    what: 'fail takes the deploying one, whatever else is said',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['fail', { version: '9', description: 'x', commitRefs: [refOf('other', 'fff9999')] }],
    ],
    leaves: ['1 failed'],
  },
  {
    what: 'branches are the same with refs/heads/ and without',
    reports: [
      ['start', { version: '1', commitRefs: [refOf('refs/heads/main', 'abc1234')] }],
      ['finish', { version: '1', commitRefs: main('abc1234') }],
    ],
    leaves: ['1 current'],
  },
  {
    what: 'tags are the same with refs/tags/ and without',
    reports: [
      ['start', { version: '1', commitRefs: [refOf('refs/tags/v1', 'abc1234')] }],
      ['finish', { version: '1', commitRefs: [refOf('v1', 'abc1234')] }],
      ['schedule', { version: '2', commitRefs: [refOf('v2')] }],
      ['start', { version: '2', commitRefs: [refOf('refs/tags/v2', 'def5678')] }],
    ],
    leaves: ['2 deploying', '1 current'],
  },
  {
    what: 'without a version a new one is called by its commit, or its branch',
    reports: [
      ['finish', { commitRefs: [refOf('refs/heads/main', 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d')] }],
      ['schedule', { commitRefs: [refOf('refs/heads/topic')] }],
    ],
    leaves: ['topic scheduled', 'a84d88e7554f current'],
  },
  {
    what: 'finish sent again, as it was, is the same finish',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '1', commitRefs: main('abc1234') }],
    ],
    leaves: ['1 current'],
    leavesWithKeys: ['1 current', '1 completed'],
  },
  {
    what: 'start sent again, as it was, is the same start',
    reports: [
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['start', { version: '1', commitRefs: main('abc1234') }],
    ],
    leaves: ['1 deploying'],
  },
  {
    what: 'schedule sent again, as it was, is the same one',
    reports: [
      ['schedule', { version: '1' }],
      ['schedule', { version: '1' }],
    ],
    leaves: ['1 scheduled'],
  },
  {
    what: 'a branch that TeamCity does not name is one of that name',
    reports: [
      ['start', { version: '1', commitRefs: [refOf('<default>', 'abc1234')] }],
      ['finish', { commitRefs: [refOf('<default>', 'abc1234')] }],
    ],
    leaves: ['1 current'],
  },
  {
    what: 'finish sent again, without anything, is the same finish',
    reports: [['start', { version: '1', commitRefs: main('abc1234') }], ['finish'], ['finish']],
    leaves: ['1 current'],
  },
  {
    what: 'finish of the same after another is a new one',
    reports: [
      ['finish', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '2', commitRefs: main('def5678') }],
      ['finish', { version: '1', commitRefs: main('abc1234') }],
    ],
    leaves: ['1 current', '2 completed', '1 completed'],
  },
  {
    what: 'finish of the same by another run is a new one',
    reports: [
      ['finish', { version: '1', externalLink: { url: 'https://ci.example/1' } }],
      ['finish', { version: '1', externalLink: { url: 'https://ci.example/2' } }],
    ],
    leaves: ['1 current', '1 completed'],
  },
  {
    what: 'finish after a start of the same is that one',
    reports: [
      ['finish', { version: '1', commitRefs: main('abc1234') }],
      ['start', { version: '1', commitRefs: main('abc1234') }],
      ['finish', { version: '1', commitRefs: main('abc1234') }],
    ],
    leaves: ['1 current', '1 completed'],
  },
];

/** The versions and statuses that are left. */
const leftBy = async (reports: History['reports'], askedOf: () => object = () => ({})): Promise<string[]> => {
  const { project, at } = await place();
  for (const [verb, more] of reports) await report(at, verb, more, askedOf());
  return (await native(project)).map(({ version, status }) => `${version} ${status}`);
};

describe('what pipelines report, one after the other', () => {
  it.each(histories)('$what', async ({ reports, leaves }) => {
    expect(await leftBy(reports)).toEqual(leaves);
  });

  // What is sent again without anything can be nothing else.
  const named = histories.filter(({ reports }) => reports.filter(([, more]) => more === undefined).length < 2);
  it.each(named)('$what: with keys', async ({ reports, leaves, leavesWithKeys = leaves }) => {
    const ofItsOwn = () => ({ headers: { 'idempotency-key': unique('key') } });
    expect(await leftBy(reports, ofItsOwn)).toEqual(leavesWithKeys);
  });
});
