import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { all } from '../../../../test/support/round-trips/all.js';
import { asking, type Ask, type Native } from '../../../../test/support/round-trips/dialect.js';
import { senders, type Sender, type Told } from '../../../../test/support/round-trips/history.js';
import { API, startTestServer, unique, type TestServer } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';

const SHA = 'a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d';
const ROUNDS = 8;
const kinds = ['begin', 'start', 'succeed'] as const;

const api = suiteServer();
let other: TestServer;
const tokens = new Map<Sender, string>();
beforeAll(async () => {
  other = await startTestServer(api.database);
  for (const name of senders) {
    const body = { name, scopes: ['deployments:write', 'targets:write'], projects: ['*'] };
    tokens.set(name, (await api.call(`${API}/tokens`, { body })).body.token);
  }
}, 60_000);
afterAll(() => other?.server.close());

const through = (replica: () => TestServer): Ask =>
  asking(
    () => replica().server.url,
    (sender) => tokens.get(sender)!,
  );
/** Behind a balancer each request may come to another replica. */
const replicas: readonly Ask[] = [through(() => api), through(() => other)];

type AfterReport = (project: string) => Promise<void>;

const natives = async (project: string): Promise<Native[]> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const path = `${API}/deployments?project=${encodeURIComponent(project)}&limit=200&min_position=${position}`;
  return (await api.call(path)).body.items.toReversed();
};

describe.each(Object.entries(all).filter(([name]) => name !== 'native'))('%s, by two replicas', (_, dialect) => {
  const { speech, prepare, readAll, shows } = dialect;
  const said = kinds.filter((kind) => speech.says.includes(kind));

  /** Reports of one deployment in a project of its own, each through what `ask` answers for its number. */
  const story = async (round: number, ask: (n: number) => Ask, after?: AfterReport): Promise<string> => {
    const project = `octocat/${unique('replicas')}`;
    await prepare?.(ask(0), project);
    const release = { ref: `v${round}`, commit: SHA };
    const told: Told = { target: 'production', release, status: speech.begins, link: null, by: 'ci' };
    const ids: unknown[] = [];
    for (const [n, kind] of said.entries()) {
      const link = `https://ci.example/${n + 1}`;
      const report = { kind, index: 0, told: { ...told, link }, link, sender: 'ci' } as const;
      const id = await dialect.report(ask(n + 1), project, report, ids);
      if (kind === 'begin') ids.push(id);
      await after?.(project);
    }
    expect((await natives(project)).map(({ status }) => status)).toEqual(['current']);
    return project;
  };

  it('goes on at once with what the other one has begun', async () => {
    for (let round = 0; round < ROUNDS; round += 1) await story(round, (n) => replicas[(round + n) % 2]!);
  }, 120_000);

  it('reads at once what itself wrote', async () => {
    if (!readAll || !shows) return;
    for (let round = 0; round < ROUNDS; round += 1) {
      let known: Native[] = [];
      const own = replicas[round % 2]!;
      await story(
        round,
        () => own,
        async (project) => {
          // Asked before anybody waits for the views; by which id is known from the report before.
          const read = known.length > 0 && (await readAll(own, project, known));
          known = await natives(project);
          expect(known).toHaveLength(1);
          if (read) expect(read).toEqual(known.map(shows));
        },
      );
    }
  }, 120_000);
});
