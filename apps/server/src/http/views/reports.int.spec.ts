import { beforeAll, describe, expect, it } from '@jest/globals';
import { addMinutes } from '#domain';
import { createHash } from 'node:crypto';
import { API, newTarget, unique, type Loose, type Reply } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const shaOf = (text: string): string => createHash('sha1').update(text).digest('hex');
const ref = (commit: string) => [{ repository: 'shop', branch: 'main', commit }];
/** Items of all pages, by their links. */
const itemsOf = async (path: string, token?: string): Promise<Loose[]> => {
  const items: Loose[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const { status, body, headers }: Reply = await api.call(next, token === undefined ? {} : { token });
    expect([next, status]).toEqual([next, 200]);
    items.push(...body.items);
    const link: string | undefined = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    next = link?.slice(api.server.url.length);
  }
  return items;
};
/** A token that reaches only this project. */
const readerOf = async (project: string): Promise<string> => {
  const body = { name: unique('reader'), scopes: ['deployments:read'], projects: [project] };
  return (await api.call(`${API}/tokens`, { body })).body.token;
};

describe('The deployments of a commit', () => {
  const sha = shaOf(unique('commit'));
  let one: Loose;
  let two: Loose;
  let position: number;
  beforeAll(async () => {
    [one, two] = [await newTarget(api), await newTarget(api)];
    for (const { path } of [one, two, one]) {
      const { body } = await api.call(`${path}/finish`, { body: { version: '1', commitRefs: ref(sha) } });
      position = body.position;
    }
  });
  const at = (commit: string) => `${API}/commits/${encodeURIComponent(commit)}/deployments?min_position=${position}`;
  const found = async (path: string, token?: string) =>
    (await itemsOf(path, token)).map(({ project, number }) => [project, number]);

  it('are found by it, by its beginning and with capital letters, newest first, in pages', async () => {
    const all = [
      [one.project, 2],
      [two.project, 1],
      [one.project, 1],
    ];
    for (const commit of [sha, sha.slice(0, 7), sha.toUpperCase()]) {
      expect(await found(`${at(commit)}&limit=1`)).toEqual(all);
      expect(await found(`${at(commit)}&project=${one.project}`)).toEqual([all[0], all[2]]);
    }
    expect(await found(at(sha.slice(0, 6)))).toEqual([]);
  });

  it('are those that the token reaches, and no others', async () => {
    const token = await readerOf(two.project);
    expect(await found(at(sha), token)).toEqual([[two.project, 1]]);
    expect(await found(`${at(sha)}&project=${one.project}`, token)).toEqual([]);
  });

  it('are none for what is no commit, whatever it holds', async () => {
    for (const commit of ['%', '_______', '\0', 'x'.repeat(2_000), "'; drop table commits; --", '..%2f'])
      expect(await found(at(commit))).toEqual([]);
    expect((await api.call(`${API}/commits/%C3%28/deployments`)).status).toBe(400);
  });

  it('take only the parameters that they have', async () => {
    for (const query of ['target=x', 'limit=0', 'limit=201', 'cursor=x', 'project=', 'status=current'])
      expect([query, (await api.call(`${at(sha)}&${query}`)).status]).toEqual([query, 400]);
  });
});

describe('The targets of a version', () => {
  it('are where it is now and where it was, by project and target', async () => {
    const { path, project } = await newTarget(api);
    const version = unique('1.4.0/β');
    await api.call(`${API}/projects/${project}/targets`, { body: { key: 'staging' } });
    const staging = `${API}/projects/${project}/targets/staging`;
    await api.call(`${path}/finish`, { body: { version } });
    await api.call(`${staging}/finish`, { body: { version } });
    const { body } = await api.call(`${staging}/finish`, { body: { version: '2' } });
    const at = `${API}/versions/${encodeURIComponent(version)}/targets?min_position=${body.position}`;
    const items = await itemsOf(`${at}&limit=1`);
    expect(items.map(({ target, isCurrent, deployment }) => [target, isCurrent, deployment.status])).toEqual([
      ['production', true, 'current'],
      ['staging', false, 'completed'],
    ]);
    expect(items[0].deployment).toEqual((await api.call(`${path}/current`)).body);
    expect(await itemsOf(`${at}&project=${project}`)).toEqual(items);
    expect(await itemsOf(at, await readerOf(unique('other')))).toEqual([]);
    expect(await itemsOf(`${API}/versions/%00/targets`)).toEqual([]);
    expect((await api.call(`${at}&target=staging`)).status).toBe(400);
  });
});

describe('The four keys', () => {
  const monday = '2026-11-16T00:00:00.000000Z';
  const at = (hours: number) => addMinutes(monday, hours * 60);
  const week = `from=${monday}&to=${at(7 * 24)}`;
  let path: string;
  let project: string;
  let query: string;
  beforeAll(async () => {
    ({ path, project } = await newTarget(api));
    let position = 0;
    const send = async (command: string, hours: number, body: object) => {
      const answer = await api.call(`${path}/${command}`, { body: { ...body, occurredAt: at(hours) } });
      expect(answer.status).toBeLessThan(300);
      position = answer.body.position;
    };
    await send('finish', 1, { version: '1', metadata: { committedAt: at(0) } });
    await send('finish', 24, { version: '2', metadata: { committedAt: '2026-11-16T22:00:00+01:00' } });
    await send('rollback', 25, {});
    await send('finish', 26, {});
    await send('fail', 30, { version: '3' });
    query = `?${week}&min_position=${position}`;
  });
  const idsOf = async (...numbers: number[]): Promise<number[]> =>
    Promise.all(numbers.map(async (number) => (await api.call(`${path}/deployments/${number}`)).body.id));

  it('of a target name what they counted', async () => {
    const { status, body } = await api.call(`${path}/dora${query}`);
    const [first, second, third, fourth] = await idsOf(1, 2, 3, 4);
    expect([status, body]).toEqual([
      200,
      {
        ...{ project, target: 'production', from: monday, to: at(7 * 24), days: 7 },
        deploymentFrequency: { perDay: 3 / 7, count: 3, deployments: [third, second, first] },
        changeFailureRate: {
          rate: 2 / 3,
          failures: { count: 2, deployments: [fourth, second] },
          changes: { count: 3, deployments: [fourth, second, first] },
        },
        timeToRestore: {
          ...{ medianSeconds: 7_200, restored: 1, notRestored: 1 },
          restorations: [
            { deployment: fourth, failedAt: at(30), restoredBy: null, restoredAt: null, seconds: null },
            { deployment: second, failedAt: at(24), restoredBy: third, restoredAt: at(26), seconds: 7_200 },
          ],
        },
        leadTime: { medianSeconds: 2 * 3_600, count: 2, deployments: [second, first] },
      },
    ]);
  });

  it('of a project are those of its targets together, then of each', async () => {
    const { target: _, days: __, from, to, ...own } = (await api.call(`${path}/dora${query}`)).body;
    const { status, body } = await api.call(`${API}/projects/${project}/dora${query}`);
    const { project: ___, ...keys } = own;
    expect([status, body]).toEqual([
      200,
      { project, from, to, days: 7, ...keys, targets: [{ target: 'production', ...keys }], targetCount: 1 },
    ]);
  });

  it('are null or none where nothing counts, and not sent again to whoever has them', async () => {
    const { path: empty, project: of } = await newTarget(api);
    const { position } = (await api.call(`${empty}/start`, { body: { version: '1' } })).body;
    for (const place of [empty, `${API}/projects/${of}`]) {
      const url = `${place}/dora?${week}&min_position=${position}`;
      const { status, body, headers } = await api.call(url);
      expect([status, body]).toMatchObject([
        200,
        {
          deploymentFrequency: { perDay: 0, count: 0 },
          changeFailureRate: { rate: null },
          timeToRestore: { medianSeconds: null, restorations: [] },
          leadTime: { medianSeconds: null },
        },
      ]);
      const again = await api.call(url, { headers: { 'if-none-match': headers.get('etag')! } });
      expect(again.status).toBe(304);
    }
  });

  it.each([
    ['', ['from', 'to']],
    [`from=${monday}`, ['to']],
    [`from=${monday}&to=${monday}`, ['to']],
    [`from=${at(1)}&to=${monday}`, ['to']],
    [`from=${monday}&to=tomorrow`, ['to']],
    [`${week}&limit=5`, ['limit']],
  ])('of the period %p are refused', async (asked, fields) => {
    for (const url of [`${path}/dora?${asked}`, `${API}/projects/${project}/dora?${asked}`]) {
      const { status, body } = await api.call(url);
      expect([status, body.errors.map(({ field }: { field: string }) => field)]).toEqual([400, fields]);
    }
  });

  it('of what is not there, or out of reach, are not found', async () => {
    const token = await readerOf(unique('other'));
    for (const [url, code] of [
      [`${path}x/dora?${week}`, 'target_not_found'],
      [`${API}/projects/${unique('x')}/dora?${week}`, 'project_not_found'],
    ] as const)
      expect((await api.call(url)).body.code).toBe(code);
    expect((await api.call(`${path}/dora?${week}`, { token })).body.code).toBe('target_not_found');
    expect((await api.call(`${API}/projects/${project}/dora?${week}`, { token })).body.code).toBe('project_not_found');
  });
});
