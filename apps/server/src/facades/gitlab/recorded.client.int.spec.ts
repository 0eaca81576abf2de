import { expect, it } from '@jest/globals';
import { gitlabClient, shaOf } from '../../../../../test/support/gitlab.js';
import { type Loose, TOKEN } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';
import { exchange, type Answered } from '../../../../../test/support/wire.js';

const api = storyServer();

const { aProject, ask, create } = gitlabClient(() => api);
const get = async (path: string, headers: Record<string, string>): Promise<Answered & { json: Loose }> => {
  const answered = await exchange(api.server.url, { path: `/api/v4/${path}`, headers });
  return { ...answered, json: JSON.parse(answered.body) };
};

/** As its plugin `gitlab` does: `models/connection.go`, `api/connection_api.go`, `tasks/deployment_collector.go` and `shared.go`. */
it('Apache DevLake connects, and collects the deployments of a project page by page, then those that changed since', async () => {
  const { path, project } = aProject();
  for (let n = 0; n < 3; n += 1)
    await create(path, { sha: shaOf(n), ref: `v${n}`, status: n === 1 ? 'failed' : 'success' });
  // It tries the token as an OAuth one first, and goes on by what is taken.
  const bearer = { authorization: `Bearer ${TOKEN}` };
  expect((await get('user', bearer)).json).toMatchObject({ id: expect.any(Number), name: 'admin' });
  const version = (await get('version', bearer)).json.version as string;
  expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(16);
  expect((await get('projects?page=1&per_page=1', bearer)).status).toBe(200);
  const { id } = (await ask('GET', path)).json;
  const collect = async (more: string, perPage = 100): Promise<Loose[]> => {
    const collected: Loose[] = [];
    let pages = 1;
    for (let page = 1; page <= pages; page += 1) {
      const query = `order_by=updated_at&page=${page}&per_page=${perPage}&sort=asc${more}&with_stats=true`;
      const { headers, json } = await get(`projects/${id}/deployments?${query}`, { 'Private-Token': TOKEN });
      pages = Number(headers['x-total-pages']);
      collected.push(...json);
    }
    return collected;
  };
  const all = await collect('', 2);
  expect(all.map(({ ref, status }) => [ref, status])).toEqual([
    ['v0', 'success'],
    ['v1', 'failed'],
    ['v2', 'success'],
  ]);
  for (const each of all) {
    expect(each).toMatchObject({
      id: expect.any(Number),
      iid: expect.any(Number),
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
      deployable: null,
      environment: { id: expect.any(Number), name: 'production' },
      user: { id: expect.any(Number), name: 'admin', state: 'active', username: 'admin' },
    });
    for (const time of [each.created_at, each.updated_at]) expect(Number.isNaN(Date.parse(time))).toBe(false);
    expect(each.shiplog.project).toBe(project);
  }
  // It collects what else a project has in the same run, and fails as a whole where one of these is not there.
  for (const list of ['pipelines?order_by=updated_at', 'jobs?scope[]=failed', 'members/all?'])
    expect(await get(`projects/${id}/${list}&page=1&per_page=100`, { 'Private-Token': TOKEN })).toMatchObject({
      status: 200,
      headers: { 'x-total': '0' },
      json: [],
    });
  // With the zone of the machine that it runs on, to the second.
  const since = new Date(Math.floor(Date.parse(all[2].updated_at) / 1_000) * 1_000 + 1_000);
  while (Date.now() < since.getTime()) await new Promise((resolve) => setTimeout(resolve, 20));
  const late = await create(path, { sha: shaOf(9), ref: 'v9', status: 'running' });
  const until = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');
  const from = encodeURIComponent(`${new Date(since.getTime() + 3_600_000).toISOString().slice(0, 19)}+01:00`);
  const changed = await collect(`&updated_after=${from}&updated_before=${encodeURIComponent(until)}`);
  expect(changed.map((each) => each.id)).toEqual([late.id]);
});

it('a script of curl reports by forms, and follows the links', async () => {
  const { path } = aProject();
  const send = (method: string, to: string, form: Record<string, string>) =>
    exchange(api.server.url, {
      method,
      path: to,
      headers: { 'PRIVATE-TOKEN': TOKEN, 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' },
      body: new URLSearchParams(form).toString(),
    });
  const form = { environment: 'production', sha: shaOf(1), ref: 'main', tag: 'false', status: 'running' };
  const made = JSON.parse((await send('POST', `${path}/deployments`, form)).body);
  const done = await send('PUT', `${path}/deployments/${made.id}`, { status: 'success' });
  expect([done.status, JSON.parse(done.body).status]).toEqual([200, 'success']);
  await send('POST', `${path}/deployments`, { ...form, sha: shaOf(2), tag: 'true' });
  const seen: number[] = [];
  let next: string | undefined = `${api.server.url}${path}/deployments?per_page=1&private_token=${TOKEN}`;
  while (next) {
    const { pathname, search } = new URL(next);
    const { body, headers } = await exchange(api.server.url, { path: `${pathname}${search}` });
    seen.push(...JSON.parse(body).map(({ id }: Loose) => id));
    next = /<([^>]+)>; rel="next"/.exec(headers.link as string)?.[1];
  }
  expect([seen.length, seen[0]]).toEqual([2, made.id]);
});
