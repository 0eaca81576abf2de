import { describe, expect, it } from '@jest/globals';
import { tokenOf } from '../../../../../test/support/canaries.js';
import { speaker } from '../../../../../test/support/dialect.js';
import { gitlabClient, SHA } from '../../../../../test/support/gitlab.js';
import { startTestServer, TOKEN, unique } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

const api = suiteServer();

const { ask, aProject, create, currentOf } = gitlabClient(() => api);

describe('a token', () => {
  it.each<[string, string, Record<string, string>]>([
    ['PRIVATE-TOKEN', '', { 'PRIVATE-TOKEN': TOKEN }],
    ['JOB-TOKEN', '', { 'JOB-TOKEN': TOKEN }],
    ['Bearer', '', { authorization: `Bearer ${TOKEN}` }],
    ['private_token', `?private_token=${TOKEN}`, {}],
    ['job_token', `?job_token=${TOKEN}`, {}],
    ['access_token', `?access_token=${TOKEN}`, {}],
  ])('is taken as %s', async (_, query, headers) => {
    const answered = await exchange(api.server.url, { path: `/api/v4/user${query}`, headers });
    expect([answered.status, JSON.parse(answered.body)]).toEqual([
      200,
      expect.objectContaining({ username: 'admin', web_url: `${api.server.url}/admin`, id: expect.any(Number) }),
    ]);
  });

  it('reaches no other project, by its path or its number, and writes only with the scope', async () => {
    const { project, path } = aProject();
    await create(path);
    const { id } = (await ask('GET', path)).json;
    const stranger = await tokenOf(api, { name: unique('stranger'), projects: ['elsewhere'] });
    const reader = await tokenOf(api, { name: unique('reader'), projects: [project], scopes: ['deployments:read'] });
    for (const at of [path, `/api/v4/projects/${id}`]) {
      const asStranger = await speaker(api.server.url, stranger.token)('GET', `${at}/deployments`);
      expect([asStranger.status, asStranger.json]).toEqual([404, { message: '404 Project Not Found' }]);
      const asReader = speaker(api.server.url, reader.token);
      expect((await asReader('GET', `${at}/deployments`)).json).toHaveLength(1);
      const refused = await asReader('POST', `${at}/deployments`, {});
      expect([refused.status, refused.json]).toEqual([403, { message: '403 Forbidden' }]);
    }
    expect((await speaker(api.server.url, reader.token)('GET', '/api/v4/projects')).json).toEqual([
      expect.objectContaining({ id, path_with_namespace: project, web_url: `${api.server.url}/${project}` }),
    ]);
  });
});

describe('the number of a project', () => {
  it('is known to a service that has never told it, and of a project that has nothing yet to a token that names it', async () => {
    const { project, path } = aProject();
    await create(path);
    const { id } = (await ask('GET', path)).json;
    const empty = aProject();
    const { id: idOfEmpty } = (await ask('GET', empty.path)).json;
    const { token } = await tokenOf(api, { name: unique('ci'), projects: [empty.project] });
    const another = await startTestServer(api.database);
    try {
      const there = speaker(another.server.url, TOKEN);
      expect((await there('GET', `/api/v4/projects/${id}`)).json).toMatchObject({ path_with_namespace: project });
      expect((await there('GET', `/api/v4/projects/${idOfEmpty}`)).status).toBe(404);
      const deployment = { environment: 'production', sha: SHA, ref: 'main', tag: false, status: 'success' };
      const ci = speaker(another.server.url, token);
      const made = await ci('POST', `/api/v4/projects/${idOfEmpty}/deployments`, deployment);
      expect([made.status, made.json.shiplog.project]).toEqual([201, empty.project]);
      expect(await currentOf(empty.project)).toMatchObject({ id: made.json.id });
    } finally {
      await another.server.close();
    }
  });

  it('is looked for once, however many ask for what is not there', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => ask('GET', `/api/v4/projects/${1_000_000 + n}/deployments`));
    for (const { status, json } of await Promise.all(asked))
      expect([status, json]).toEqual([404, { message: '404 Project Not Found' }]);
  });
});

describe('a project', () => {
  it('is there for whoever reaches it, before its first deployment, and lists are empty', async () => {
    const { path, project } = aProject();
    expect((await ask('GET', path)).json).toMatchObject({
      id: expect.any(Number),
      name: project.split('/')[1],
      path: project.split('/')[1],
      path_with_namespace: project,
      default_branch: 'main',
      web_url: `${api.server.url}/${project}`,
    });
    expect((await ask('GET', `${path}/deployments`)).json).toEqual([]);
    expect((await ask('GET', `${path}/environments`)).json).toEqual([]);
  });

  it('is listed once it has an environment', async () => {
    const { path, project } = aProject();
    await create(path);
    await ask('GET', `${path}/environments`);
    const { json, headers } = await ask('GET', `/api/v4/projects?search=${project.split('/')[1]}&per_page=1`);
    expect([json.length, json[0].path_with_namespace, headers['x-total']]).toEqual([1, project, '1']);
  });
});
