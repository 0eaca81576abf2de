import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TestDatabase } from '../../../../test/support/database.js';
import { afterwardsOf, decide, decided, decisionsOf, gated } from '../../../../test/support/round-trips/approvals.js';
import { all } from '../../../../test/support/round-trips/all.js';
import { asking, segment, shownByAll, type Native } from '../../../../test/support/round-trips/dialect.js';
import { histories, played, senders, type Sender, type Told } from '../../../../test/support/round-trips/history.js';
import { API, startTestServer, testDatabase, unique, type TestServer } from '../../../../test/support/server.js';
import { dialects } from './dialects.js';

const RUNS = Number(process.env['ROUND_TRIPS'] ?? 6);

let database: TestDatabase;
let api: TestServer;
const tokens = new Map<Sender, string>();
beforeAll(async () => {
  database = await testDatabase();
  api = await startTestServer(database);
  for (const name of senders) {
    const kind = name === 'ann' ? 'user' : 'service';
    const body = { name, kind, scopes: ['deployments:write', 'targets:write'], projects: ['*'] };
    tokens.set(name, (await api.call(`${API}/tokens`, { body })).body.token);
  }
}, 60_000);
afterAll(async () => {
  await api?.server.close();
  await database?.drop();
});

const ask = asking(
  () => api.server.url,
  (sender) => tokens.get(sender)!,
);

/** What our own API shows, oldest first. */
async function natives(project: string): Promise<Native[]> {
  const { position } = (await api.call(`${API}/status`)).body;
  const path = `${API}/deployments?project=${encodeURIComponent(project)}&limit=200&min_position=${position}`;
  return (await api.call(path)).body.items.toReversed();
}

it('has all dialects', () => {
  expect(Object.keys(all).toSorted()).toEqual(['native', ...dialects.map(({ name }) => name)].toSorted());
});

describe.each(Object.entries(all))('A history that is reported in the dialect %s', (_, teller) => {
  it('reads the same in every other', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { reports, expected } = played(history, teller.speech);
        const project = `octocat/${unique('trip')}`;
        await teller.prepare?.(ask, project);
        const ids: unknown[] = [];
        for (const report of reports) {
          const id = await teller.report(ask, project, report, ids);
          if (report.index === ids.length) ids.push(id);
        }
        const shown = await natives(project);
        expect(shown).toMatchObject(
          expected.map((told) => ({
            ...{ project, target: told.target, status: told.status, actor: { id: told.by } },
            ...teller.becomes(told, project),
          })),
        );
        const read = await shownByAll(all, ask, shown);
        expect(read.shown).toEqual(read.due);
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  }, 240_000);
});

describe.each(Object.entries(all))('What waits for approval, reported in the dialect %s,', (_, teller) => {
  const target = 'production';
  const link = 'https://ci.example/1';

  it('reads the same in every other, whoever decides it by whichever way, and whatever becomes of it', async () => {
    await fc.assert(
      fc.asyncProperty(gated, async (story) => {
        const project = `octocat/${unique('gate')}`;
        const targets = `/api/v1/projects/${segment(project)}/targets`;
        await (teller.prepare?.(ask, project) ?? ask('ci', 'POST', targets, { key: target }));
        const settings = { approvals: [{ name: 'release', required: story.required }] };
        await ask('ci', 'PATCH', `${targets}/${target}`, { settings });
        const release = { ref: 'v1', commit: '1'.repeat(40) };
        let told: Told = { target, release, status: 'blocked', link: null, by: 'ci' };
        const report = async (
          kind: 'begin' | NonNullable<typeof story.afterwards>,
          ids: unknown[],
        ): Promise<unknown> => {
          if (teller.speech.linked.includes(kind)) told = { ...told, link };
          return teller.report(ask, project, { kind, index: 0, told, link, sender: 'ci' }, ids);
        };
        const id = await report('begin', []);
        const [waiting] = await natives(project);
        expect(waiting!.status).toBe('blocked');
        const { decisions, status } = decided(story);
        for (const each of decisions) await decide(ask, waiting!, each);
        const becomes = afterwardsOf(status, story.afterwards, teller.speech);
        if (becomes) await report(story.afterwards!, [id]);
        const [shown] = await natives(project);
        const given = await decisionsOf(ask, shown!);
        expect(given).toEqual(decisions.map(({ by, status: said }) => ({ by, status: said })));
        expect(shown).toMatchObject({ status: becomes ?? status, ...teller.becomes(told, project) });
        const read = await shownByAll(all, ask, [{ ...shown!, decisions: given }]);
        expect(read.shown).toEqual(read.due);
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  }, 240_000);
});
