import { describe, expect, it } from '@jest/globals';
import { API, newTarget, unique, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

/** A target that was deployed to twice, with when each was recorded. */
const deployedTwice = async (): Promise<{ project: string; path: string; position: number; recorded: string[] }> => {
  const { project, path } = await newTarget(api);
  await api.call(`${path}/finish`, { body: { version: '1' } });
  const { body } = await api.call(`${path}/finish`, { body: { version: '2' } });
  const { body: log } = await api.call(
    `${API}/events?project=${project}&type=DeploymentFinished&min_position=${body.position}`,
  );
  return { project, path, position: body.position, recorded: log.items.map((event: Loose) => event.recordedAt) };
};

describe('What was current at a moment', () => {
  it('is answered with a tag, and not again where that is known', async () => {
    const { path, position, recorded } = await deployedTwice();
    const url = `${path}/current?at=${recorded[0]}&min_position=${position}`;
    const { status, body, headers } = await api.call(url);
    expect([status, body.version, body.status, body.endedAt]).toEqual([200, '1', 'current', null]);
    const again = await api.call(url, { headers: { 'if-none-match': headers.get('etag')! } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await api.call(`${path}/current?at=${recorded[1]}`)).headers.get('etag')).not.toBe(headers.get('etag'));
  });

  it('is in the future what is current now, whatever the offset it is spelled with', async () => {
    const { path, position } = await deployedTwice();
    const now = await api.call(`${path}/current?min_position=${position}`);
    for (const at of ['9999-12-31T23:59:59.999999999Z', '2500-01-01t00:00:00%2B14:00'])
      expect((await api.call(`${path}/current?at=${at}&min_position=${position}`)).body).toEqual(now.body);
    for (const by of ['recorded', 'occurred'])
      expect((await api.call(`${path}/current?by=${by}&min_position=${position}`)).body).toEqual(now.body);
  });

  it('is a 404 that says which: nothing was current, or there is no target now', async () => {
    const { project, path, recorded } = await deployedTwice();
    const codeOf = async (url: string) => (await api.call(url)).body.code;
    const { body: before } = await api.call(`${path}/current?at=2000-01-01T00:00:00Z`);
    expect([before.code, before.detail]).toEqual([
      'no_current_deployment',
      'Nothing was current on this target at 2000-01-01T00:00:00.000000Z.',
    ]);
    expect(await codeOf(`${path}-2/current?at=${recorded[0]}`)).toBe('target_not_found');
    const { body } = await api.call(path, { method: 'DELETE' });
    const waits = `min_position=${body.position}`;
    expect(await codeOf(`${path}/current?at=${recorded[0]}&${waits}`)).toBe('target_not_found');
    const { body: page } = await api.call(`${API}/current?project=${project}&at=${recorded[0]}&${waits}`);
    expect(page.items.map(({ version }: Loose) => version)).toEqual(['1']);
  });

  it.each(['yesterday', '2026-11-20', '2026-11-20T10:00:00', '', '10000-01-01T00:00:00Z'])(
    'is refused where %j is asked for',
    async (at) => {
      for (const path of [`${API}/current`, `${API}/projects/p/targets/t/current`]) {
        const { status, body } = await api.call(`${path}?at=${at}`);
        expect([status, body.errors]).toEqual([400, [{ field: 'at', message: expect.any(String) }]]);
      }
    },
  );
});

describe('What changed between two moments', () => {
  const OPEN = 'from=2000-01-01T00:00:00Z&to=9999-01-01T00:00:00Z';

  it('names the targets, and goes on behind a page', async () => {
    const { project, path, position, recorded } = await deployedTwice();
    const { body: other } = await api.call(`${API}/projects/${project}/targets`, { body: { key: 'a' } });
    await api.call(`${API}/projects/${project}/targets/a/finish`, { body: { version: '3' } });
    const { body } = await api.call(`${API}/projects/${project}/targets/a/finish`, { body: { version: '4' } });
    expect(other.position).toBeGreaterThan(position);
    const list = `${API}/diff?${OPEN}&project=${project}&limit=1&min_position=${body.position}`;
    const { body: first, headers } = await api.call(list);
    expect(first.items).toMatchObject([{ project, target: 'a', before: null, after: { version: '4' }, changes: 2 }]);
    const next = /^<(.+)>; rel="next"$/.exec(headers.get('link')!)![1]!;
    const { body: second } = await api.call(next.slice(api.server.url.length));
    expect(second).toMatchObject({ items: [{ target: 'production', after: { number: 2 } }], nextCursor: null });
    const elsewhere = await api.call(`${list.replace('9999', '9998')}&cursor=${first.nextCursor}`);
    expect([elsewhere.status, elsewhere.body.errors[0].field]).toEqual([400, 'cursor']);
    const window = `from=${recorded[0]}&to=${recorded[1]}`;
    const { body: narrow } = await api.call(`${API}/diff?${window}&project=${project}`);
    const { body: current } = await api.call(`${path}/current`);
    expect(narrow.items).toEqual([
      {
        ...{ project, target: 'production', changes: 1, actor: { id: 'admin', kind: 'service' } },
        before: expect.objectContaining({ number: 1, version: '1', since: recorded[0], until: recorded[1] }),
        after: {
          ...{ id: current.id, number: 2, version: '2', commitRefs: [], actor: current.actor },
          ...{ since: recorded[1], until: null, seconds: expect.any(Number) },
        },
      },
    ]);
  });

  it('needs both moments, in their order', async () => {
    const fields = async (query: string) =>
      (await api.call(`${API}/diff${query}`)).body.errors.map((each: Loose) => each.field);
    expect(await fields('')).toEqual(['from', 'to']);
    expect(await fields('?to=2026-01-01T00:00:00Z')).toEqual(['from']);
    expect(await fields('?from=2026-01-01T00:00:00.000001Z&to=2026-01-01T00:00:00Z')).toEqual(['from']);
    expect(await fields(`?${OPEN}&at=2026-01-01T00:00:00Z`)).toEqual(['at']);
  });

  it('shows only what the token reaches', async () => {
    const { project, position } = await deployedTwice();
    const another = await deployedTwice();
    const made = await api.call(`${API}/tokens`, {
      body: { name: unique('reader'), scopes: ['deployments:read'], projects: [project] },
    });
    const token: string = made.body.token;
    const projects = async (query: string) => {
      const { body } = await api.call(`${API}/${query}&limit=200&min_position=${another.position}`, { token });
      return body.items.map((item: Loose) => item.project);
    };
    expect(another.position).toBeGreaterThan(position);
    for (const query of [
      `diff?${OPEN}`,
      `diff?${OPEN}&by=occurred`,
      'current?by=occurred',
      'current?at=9999-01-01T00:00:00Z',
    ])
      expect([query, await projects(query)]).toEqual([query, [project]]);
    expect(await projects(`diff?${OPEN}&project=${another.project}`)).toEqual([]);
  });
});
