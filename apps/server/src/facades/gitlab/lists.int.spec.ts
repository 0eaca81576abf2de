import { beforeAll, describe, expect, it } from '@jest/globals';
import { gitlabClient, SHA, shaOf } from '../../../../../test/support/gitlab.js';
import { API, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, aProject, create, native } = gitlabClient(() => api);

describe('the list of deployments', () => {
  const hour = (of: number): string => `2026-03-01T${String(of).padStart(2, '0')}:00:00Z`;
  let path: string;
  let ids: readonly number[];
  /** In the order of their ids; when they happened is another. */
  const told = [
    { command: 'finish', target: 'production', ref: 'c', at: 9 },
    { command: 'finish', target: 'staging', ref: 'a', at: 3 },
    { command: 'fail', target: 'production', ref: 'e', at: 5 },
    { command: 'start', target: 'staging', ref: 'b', at: 7 },
    { command: 'finish', target: 'production', ref: 'd', at: 12 },
  ];
  beforeAll(async () => {
    const made = aProject();
    path = made.path;
    const project = `${API}/projects/${encodeURIComponent(made.project)}/targets`;
    for (const key of ['production', 'staging']) await api.call(project, { body: { key } });
    const all: number[] = [];
    for (const { command, target, ref, at } of told) {
      const commitRefs = [{ repository: made.project, branch: ref, commit: SHA }];
      const body = { version: ref, commitRefs, occurredAt: hour(at) };
      all.push((await api.call(`${project}/${target}/${command}`, { body })).body.deployment.id);
    }
    await native(all.at(-1)!);
    ids = all;
  });
  const places = async (query: string): Promise<number[]> => {
    const { json, status, body } = await ask('GET', `${path}/deployments?${query}`);
    if (status !== 200) throw new Error(body);
    return json.map(({ id }: Loose) => ids.indexOf(id));
  };

  it.each<[string, number[]]>([
    ['', [0, 1, 2, 3, 4]],
    ['sort=desc', [4, 3, 2, 1, 0]],
    ['order_by=id&sort=asc', [0, 1, 2, 3, 4]],
    ['order_by=iid&sort=desc', [4, 3, 2, 1, 0]],
    ['order_by=created_at', [1, 2, 3, 0, 4]],
    ['order_by=created_at&sort=desc', [4, 0, 3, 2, 1]],
    ['order_by=updated_at', [1, 2, 3, 0, 4]],
    ['order_by=updated_at&sort=desc', [4, 0, 3, 2, 1]],
    ['order_by=finished_at', [1, 0, 4, 2, 3]],
    ['order_by=finished_at&sort=desc', [4, 0, 1, 3, 2]],
    ['order_by=ref', [1, 3, 0, 4, 2]],
    ['order_by=ref&sort=desc', [2, 4, 0, 3, 1]],
    ['environment=staging', [1, 3]],
    ['environment=nowhere', []],
    ['status=success', [0, 1, 4]],
    ['status=running', [3]],
    ['status=failed', [2]],
    ['status=canceled', []],
    ['status=created', []],
    ['status=blocked', []],
    ['status=skipped', []],
    ['environment=production&status=success&sort=desc', [4, 0]],
    [`order_by=updated_at&updated_after=${hour(5)}`, [2, 3, 0, 4]],
    [`order_by=updated_at&updated_after=${hour(5)}&updated_before=${hour(9)}&sort=desc`, [0, 3, 2]],
    [`order_by=updated_at&updated_before=${hour(7)}&status=failed`, [2]],
    [`order_by=finished_at&status=success&finished_after=${hour(9)}`, [0, 4]],
    [`order_by=finished_at&status=success&finished_before=${hour(9)}`, [1]],
    [`order_by=finished_at&status=success&finished_before=${hour(10)}&environment=production`, [0]],
    ['order_by=updated_at&updated_after=2026-03-01', [1, 2, 3, 0, 4]],
    ['order_by=updated_at&updated_after=2026-03-01T05:00:00', [2, 3, 0, 4]],
    ['order_by=updated_at&updated_after=2026-03-01T07:00:00%2B02:00', [2, 3, 0, 4]],
    ['order_by=updated_at&updated_after=2026-03-01T07:00:00+0200', [2, 3, 0, 4]],
    ['status=&environment=&updated_after=&order_by=&with_stats=true&unknown=1', [0, 1, 2, 3, 4]],
  ])('for %s', async (query, found) => {
    expect(await places(query)).toEqual(found);
  });

  it('says when each was last updated as it sorts by it', async () => {
    const { json } = await ask('GET', `${path}/deployments?order_by=updated_at`);
    expect(json.map(({ updated_at }: Loose) => updated_at)).toEqual(
      [3, 5, 7, 9, 12].map((of) => hour(of).replace('Z', '.000Z')),
    );
  });

  const requires = (what: string): Loose => ({ message: `400 Bad request - ${what}` });
  const after = 'updated_after=2026-01-01T00:00:00Z';
  const finished = 'finished_after=2026-01-01T00:00:00Z';
  it.each<[string, Loose]>([
    [after, requires('`updated_at` filter requires `updated_at` sort')],
    ['updated_before=2026-01-01&order_by=id', requires('`updated_at` filter requires `updated_at` sort')],
    [finished, requires('`finished_at` filter requires `finished_at` sort.')],
    [`${finished}&status=success&order_by=id`, requires('`finished_at` filter requires `finished_at` sort.')],
    [
      `${finished}&order_by=finished_at`,
      requires('`finished_at` filter must be combined with `success` status filter.'),
    ],
    [
      'finished_before=2026-01-01&order_by=finished_at&status=failed',
      requires('`finished_at` filter must be combined with `success` status filter.'),
    ],
    [`${after}&${finished}`, requires('Both `updated_at` filter and `finished_at` filter can not be specified')],
    ['order_by=wrong', { error: 'order_by does not have a valid value' }],
    ['sort=sideways', { error: 'sort does not have a valid value' }],
    ['status=done', { error: 'status does not have a valid value' }],
    ['order_by=x&sort=y', { error: 'order_by does not have a valid value, sort does not have a valid value' }],
    ['updated_after=yesterday&order_by=updated_at', { error: 'updated_after is invalid' }],
    ['finished_before=2026-13-01', { error: 'finished_before is invalid' }],
    ['page=one', { error: 'page is invalid' }],
    ['per_page=0', { error: 'per_page has a value not allowed' }],
    ['per_page=1.5', { error: 'per_page is invalid' }],
  ])('is refused for %s', async (query, body) => {
    expect(await ask('GET', `${path}/deployments?${query}`)).toMatchObject({ status: 400, json: body });
  });
});

describe('a page', () => {
  const headersOf = (headers: Loose) =>
    ['x-page', 'x-per-page', 'x-prev-page', 'x-next-page', 'x-total', 'x-total-pages'].map((name) => headers[name]);

  it.each<[string, string[], number, string[]]>([
    ['', ['1', '20', '', '', '5', '1'], 5, ['first 1 20', 'last 1 20']],
    ['per_page=2', ['1', '2', '', '2', '5', '3'], 2, ['next 2 2', 'first 1 2', 'last 3 2']],
    ['page=2&per_page=2', ['2', '2', '1', '3', '5', '3'], 2, ['prev 1 2', 'next 3 2', 'first 1 2', 'last 3 2']],
    ['page=3&per_page=2', ['3', '2', '2', '', '5', '3'], 1, ['prev 2 2', 'first 1 2', 'last 3 2']],
    ['page=9&per_page=2', ['9', '2', '', '', '5', '3'], 0, ['first 1 2', 'last 3 2']],
    ['page=0&per_page=1000', ['1', '100', '', '', '5', '1'], 5, ['first 1 100', 'last 1 100']],
    ['page=-1&per_page=-5', ['1', '20', '', '', '5', '1'], 5, ['first 1 20', 'last 1 20']],
    ['environment=nowhere', ['1', '20', '', '', '0', '1'], 0, ['first 1 20', 'last 1 20']],
  ])('of %s has its headers and links, in GitLab’s order', async (query, headers, length, links) => {
    const { path } = aProject();
    for (let n = 0; n < 5; n += 1) await create(path, { sha: shaOf(n) });
    const answered = await ask('GET', `${path}/deployments?${query}&order_by=id`);
    expect([answered.status, answered.json.length]).toEqual([200, length]);
    expect(headersOf(answered.headers)).toEqual(headers);
    const linked = (answered.headers.link as string).split(', ').map((each) => {
      const [, url, rel] = /^<([^>]+)>; rel="(\w+)"$/.exec(each)!;
      const { origin, pathname, searchParams } = new URL(url!);
      expect([origin, pathname]).toEqual([api.server.url, `${path}/deployments`]);
      expect(searchParams.get('order_by')).toBe('id');
      expect(searchParams.get('environment')).toBe(query === 'environment=nowhere' ? 'nowhere' : null);
      return `${rel} ${searchParams.get('page')} ${searchParams.get('per_page')}`;
    });
    expect(linked).toEqual(links);
  });

  it('is had by those who have it, and asked for by its headers alone', async () => {
    const { path } = aProject();
    const { id } = await create(path);
    for (const url of [`${path}/deployments`, `${path}/deployments/${id}`, `${path}/environments`, path]) {
      const { headers } = await ask('GET', url);
      const known = { headers: { 'if-none-match': headers.etag as string } };
      expect(await ask('GET', url, undefined, known)).toMatchObject({ status: 304, body: '' });
      const head = await ask('HEAD', url);
      expect([head.status, head.body, head.headers['x-total']]).toEqual([200, '', headers['x-total']]);
    }
  });
});
