import { beforeAll, describe, expect, it } from '@jest/globals';
import { audit } from '../../../../../test/support/audit.js';
import { API, newTarget, rowsOf, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { until } from '../../../../../test/support/until.js';

const ANN = { id: 'ann@example.org', name: 'Ann Example' };
const SHOWN = /ann@example\.org|Ann Example/;

const api = suiteServer();
let project: string;
let path: string;
let position: number;
let token: { id: string; token: string };

const made = async (name: string, more: object = {}): Promise<Loose> =>
  (await api.call(`${API}/tokens`, { body: { name, scopes: ['admin'], projects: ['*'], ...more } })).body;
const forget = (id: string, by?: string) =>
  api.call(`${API}/actors/${encodeURIComponent(id)}`, { method: 'DELETE', ...(by === undefined ? {} : { token: by }) });
/** All that shows people, everywhere that they are shown. */
const reads = async (): Promise<string> => {
  const at = `min_position=${position}`;
  const paths = [
    `/events?project=${project}&${at}`,
    `/current?project=${project}&${at}`,
    `/deployments?project=${project}&${at}`,
    `/projects/${project}/targets?${at}`,
    `/projects/${project}/targets/production?${at}`,
    `/projects/${project}/targets/production/current?${at}`,
    `/projects/${project}/targets/production/timeline?${at}`,
    `/projects/${project}/targets/production/explain?${at}`,
    `/projects/${project}/targets/production/deployments/1/timeline?${at}`,
    `/diff?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&${at}`,
    `/tokens`,
  ];
  const replies = await Promise.all(paths.map((each) => api.call(`${API}${each}`)));
  expect(replies.map(({ status }) => status)).toEqual(paths.map(() => 200));
  const ndjson = { accept: 'application/x-ndjson' };
  const exports = [
    await api.call(`${API}/events`, { headers: ndjson }),
    await api.call(`${API}/events?hashes=true`, { headers: ndjson }),
  ];
  return [...replies, ...exports].map(({ text }) => text).join('\n');
};

beforeAll(async () => {
  ({ project, path } = await newTarget(api));
  token = await made(ANN.id, { kind: 'user' });
  await made('by-ann', { kind: 'service' });
  await api.call(`${API}/tokens`, {
    token: token.token,
    body: { name: 'made-by-ann', scopes: ['deployments:read'], projects: ['*'] },
  });
  await api.call(`${path}/finish`, { token: token.token, body: { version: '1' } });
  ({ position } = (await api.call(`${path}/finish`, { body: { version: '2', claimedBy: ANN } })).body);
  await until(async () => (await api.call(`${API}/status`)).body.sealer.position === position);
});

describe('DELETE /actors/{id}', () => {
  it('is refused while a token in use has the name', async () => {
    const { status, body } = await forget(ANN.id);
    expect([status, body.code]).toEqual([409, 'token_exists']);
  });

  it('is refused to whom does not reach all projects, or has not the scope', async () => {
    const some = await made('some', { projects: [project] });
    const reader = await made('reader', { scopes: ['targets:write'] });
    for (const by of [some.token, reader.token]) expect((await forget(ANN.id, by)).body.code).toBe('forbidden');
  });

  it('refuses what nobody can be called', async () => {
    for (const id of ['a\u0000b', '\u0000']) expect((await forget(id)).body.code).toBe('bad_request');
  });

  it('takes the name away from every read and export, and breaks no hash', async () => {
    expect(await reads()).toMatch(SHOWN);
    const before = await audit(api);
    expect(before).toMatchObject({ verdict: 'verified', anchored: position });
    const { body: held } = await api.call(`${API}/audit/checkpoints`);
    await api.call(`${API}/tokens/${token.id}`, { method: 'DELETE' });

    expect((await forget(ANN.id)).status).toBe(204);

    expect(await reads()).not.toMatch(SHOWN);
    const kept = held.items.map(({ note }: Loose) => note).join('\n');
    expect(await audit(api, kept)).toEqual(before);
    for (const table of ['events', 'commands', 'streams', 'actors', 'acting', 'tokens', 'deployments', 'current'])
      expect(JSON.stringify(await rowsOf(api.database, `select * from ${table}`))).not.toMatch(SHOWN);
  });

  it('leaves an opaque id in the place of the name', async () => {
    const { body } = await api.call(`${API}/events?project=${project}`);
    const [, finished, , claimed] = body.items;
    expect(finished.actor).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), kind: 'user' });
    expect((claimed ?? body.items.at(-1)).data.claimedBy).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('is 404 for somebody who is not there, or no longer is', async () => {
    for (const id of [ANN.id, 'nobody']) {
      const { status, body } = await forget(id);
      expect([status, body.code]).toEqual([404, 'actor_not_found']);
    }
  });

  it('makes the same person somebody new', async () => {
    const { body } = await api.call(`${path}/finish`, { body: { version: '3', claimedBy: ANN } });
    const { body: page } = await api.call(
      `${API}/events?project=${project}&after=${position}&min_position=${body.position}`,
    );
    expect(page.items.at(-1).data.claimedBy).toEqual(ANN);
    expect(await rowsOf(api.database, 'select opaque_id from actors where id is null')).toHaveLength(1);
    expect(await rowsOf(api.database, `select opaque_id from acting where id = '${ANN.id}'`)).toEqual([]);
    const earlier = await api.call(`${API}/events?project=${project}`);
    expect(
      earlier.body.items
        .slice(0, position)
        .map((each: Loose) => JSON.stringify(each))
        .join(),
    ).not.toMatch(SHOWN);
  });
});
