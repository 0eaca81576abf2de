import { describe, expect, it } from '@jest/globals';
import { all } from '../../../../test/support/round-trips/all.js';
import { saying, type Ask } from '../../../../test/support/round-trips/dialect.js';
import { API, TOKEN, unique, type Loose } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';

const MANY = 20;
const api = suiteServer();

/** Keeps what each request was answered. */
const noting =
  (statuses: number[]): Ask =>
  async (_, method, path, body) => {
    const said = await saying(api.server.url, TOKEN)(method, path, body);
    statuses.push(said.status);
    return said;
  };

const indexes = Array.from({ length: MANY }, (_, n) => n);
const reportOf = (kind: 'begin' | 'succeed', index: number): Loose => {
  const release = { ref: `1.${index}`, commit: `${index}`.padStart(40, 'a') };
  return { kind, index, told: { target: 'production', release }, link: 'https://ci.example/1', sender: 'ann' };
};

/** As new as all that was answered. */
const read = async (list: string, query: string): Promise<Loose> => {
  const { position } = (await api.call(`${API}/status`)).body;
  return (await api.call(`${API}/${list}?${query}&min_position=${position}`)).body;
};

describe.each(Object.entries(all))('Of one environment, in the dialect %s,', (_, { prepare, report, speech }) => {
  it(`${MANY} that begin at once do, and all that end are told what became of it`, async () => {
    const project = `octocat/${unique('many')}`;
    const [prepared, begun, ended]: number[][] = [[], [], []];
    await prepare?.(noting(prepared!), project);
    const ids = await Promise.all(indexes.map((n) => report(noting(begun!), project, reportOf('begin', n), [])));
    expect(begun!.filter((status) => status >= 300)).toEqual([]);
    expect((await read('deployments', `project=${project}&limit=200`)).items).toHaveLength(MANY);
    if (!speech.says.includes('succeed')) return;
    await Promise.all(indexes.map((n) => report(noting(ended!), project, reportOf('succeed', n), ids)));
    expect(ended!.filter((status) => status >= 500)).toEqual([]);
    expect((await read('current', `project=${project}`)).items).toMatchObject([
      { version: expect.stringMatching(/^1/) },
    ]);
  }, 60_000);
});
