import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TestDatabase } from '../../../../test/support/database.js';
import { all } from '../../../../test/support/round-trips/all.js';
import { asking, shownByAll, type Native } from '../../../../test/support/round-trips/dialect.js';
import { histories, played, senders, type Sender } from '../../../../test/support/round-trips/history.js';
import { API, startTestServer, testDatabase, unique, type TestServer } from '../../../../test/support/server.js';
import { dialects } from './dialects.js';

const RUNS = Number(process.env['ROUND_TRIPS'] ?? 12);

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
