import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../test/support/canaries.js';
import { all } from '../../../../test/support/round-trips/all.js';
import type { Ask, Native } from '../../../../test/support/round-trips/dialect.js';
import { targets, type Report } from '../../../../test/support/round-trips/history.js';
import { API, TOKEN, unique } from '../../../../test/support/server.js';
import { suiteServer } from '../../../../test/support/suite.js';
import { exchange } from '../../../../test/support/wire.js';
import { dialects } from './dialects.js';

const api = suiteServer();

type Signed = Readonly<{ headers?: Readonly<Record<string, string>>; query?: string }>;
type Scheme = (token: string) => Signed;
const basic = (text: string): Signed => ({ headers: { authorization: `Basic ${btoa(text)}` } });
const schemes: Readonly<Record<string, Scheme>> = {
  Bearer: (token) => ({ headers: { authorization: `Bearer ${token}` } }),
  token: (token) => ({ headers: { authorization: `token ${token}` } }),
  JWT: (token) => ({ headers: { authorization: `JWT ${token}` } }),
  'Basic, as the password': (token) => basic(`kim:${token}`),
  'Basic, as the user': (token) => basic(`${token}:`),
  'PRIVATE-TOKEN': (token) => ({ headers: { 'private-token': token } }),
  'JOB-TOKEN': (token) => ({ headers: { 'job-token': token } }),
};
/** Those that a dialect has, by its name. */
const schemesOf = ({ tokenParameters = [] }: (typeof dialects)[number]): ReadonlyArray<readonly [string, Scheme]> => [
  ...Object.entries(schemes),
  ...tokenParameters.map((name) => [`?${name}=`, (token: string) => ({ query: `${name}=${token}` })] as const),
];

const signing =
  (scheme: Scheme, token: string): Ask =>
  async (_, method, path, body) => {
    const { headers, query } = scheme(token);
    const type: Record<string, string> =
      body && 'specversion' in body ? { 'content-type': 'application/cloudevents+json' } : {};
    const to = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
    const sent = { method, path: to, headers: { ...type, ...headers }, ...(body ? { body } : {}) };
    const answered = await exchange(api.server.url, sent);
    if (answered.body !== '') expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
    if (answered.status >= 300) throw new Error(`${answered.status} ${answered.body}`);
    return { ...answered, json: answered.body === '' ? undefined : JSON.parse(answered.body) };
  };

const told = { target: targets[0], release: { ref: 'v1', commit: '1'.repeat(40) }, status: 'scheduled', link: null };
const begins = (index: number): Report => ({
  ...{ kind: 'begin', index, link: 'https://ci.example/1', sender: 'ci' },
  told: { ...told, status: 'scheduled', by: 'ci' },
});
const natives = async (project: string): Promise<Native[]> => {
  const { position } = (await api.call(`${API}/status`)).body;
  const path = `${API}/deployments?project=${encodeURIComponent(project)}&min_position=${position}`;
  return (await api.call(path)).body.items;
};

const ways = dialects.flatMap((dialect) => schemesOf(dialect).map(([way, scheme]) => ({ ...dialect, way, scheme })));

describe('a token', () => {
  it.each(ways)('in the dialect $name as $way writes and reads what it reaches, and nothing else', async (by) => {
    const { prepare, report, readAll } = all[by.name]!;
    const project = `octocat/${unique('reach')}`;
    const holder = async (projects: string[], scopes: string[]) => {
      const name = unique('holder');
      return { name, ask: signing(by.scheme, (await tokenOf(api, { name, projects, scopes })).token) };
    };
    const [mine, reader, stranger] = [
      await holder([project], ['deployments:write']),
      await holder([project], ['deployments:read']),
      await holder(['elsewhere'], ['deployments:write', 'targets:write']),
    ];
    // Space has targets made before; elsewhere the first report makes them.
    await prepare?.(signing(schemes['Bearer']!, TOKEN), project);
    await report(mine.ask, project, begins(0), []);
    const shown = await natives(project);
    expect(shown).toMatchObject([{ target: targets[0], actor: { id: mine.name } }]);
    await expect(report(reader.ask, project, begins(1), [])).rejects.toThrow('403');
    await expect(report(stranger.ask, project, begins(1), [])).rejects.toThrow(/^404|does not reach/);
    expect(await natives(project)).toEqual(shown);
    if (!readAll) return;
    for (const { ask } of [mine, reader]) expect(await readAll(ask, project, shown)).toHaveLength(1);
    // A list of all that a token reaches is empty; elsewhere nothing is there.
    expect(await readAll(stranger.ask, project, shown).catch(() => [])).toEqual([]);
  });
});
