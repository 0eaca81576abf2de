import { describe, expect, it } from '@jest/globals';
import { gitlabClient, SHA } from '../../../../../test/support/gitlab.js';
import { API, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, aProject, create, report, native } = gitlabClient(() => api);
const targetOf = (project: string, key: string) =>
  `${API}/projects/${encodeURIComponent(project)}/targets/${encodeURIComponent(key)}`;

describe('environments', () => {
  it('are found or made by the name that a deployment says, with the tier that it has by it', async () => {
    const { path } = aProject();
    for (const environment of ['production', 'staging', 'review/7', 'production'])
      await create(path, { environment, status: 'failed' });
    const { json, headers } = await ask('GET', `${path}/environments`);
    expect(json.map(({ name, tier, state }: Loose) => [name, tier, state])).toEqual([
      ['production', 'production', 'available'],
      ['review/7', 'development', 'available'],
      ['staging', 'staging', 'available'],
    ]);
    expect(headers['x-total']).toBe('3');
  });

  it('are found by name, by a part of it, and by state, page by page', async () => {
    const { path } = aProject();
    for (const name of ['alpha', 'review/one', 'review/two'])
      expect((await ask('POST', `${path}/environments?name=${encodeURIComponent(name)}`)).status).toBe(201);
    const [alpha] = (await ask('GET', `${path}/environments?name=alpha`)).json;
    expect((await ask('POST', `${path}/environments/${alpha.id}/stop`)).json).toMatchObject({ state: 'stopped' });
    const found = async (query: string): Promise<string[]> =>
      (await ask('GET', `${path}/environments?${query}`)).json.map(({ name }: Loose) => name);
    expect(await found('name=review%2Fone')).toEqual(['review/one']);
    expect(await found('name=review')).toEqual([]);
    expect(await found('search=REVIEW')).toEqual(['review/one', 'review/two']);
    expect(await found('states=stopped')).toEqual(['alpha']);
    expect(await found('states=available')).toEqual(['review/one', 'review/two']);
    expect(await found('states=stopping')).toEqual([]);
    expect(await found('per_page=2&page=2')).toEqual(['review/two']);
    expect((await ask('GET', `${path}/environments?per_page=2`)).headers['x-next-page']).toBe('2');
  });

  it('show what was deployed to them last with success', async () => {
    const { path } = aProject();
    const { id, environment } = await create(path);
    await create(path, { status: 'failed', sha: '2222222' });
    const { json } = await ask('GET', `${path}/environments/${environment.id}`);
    expect(json).toMatchObject({ name: 'production', state: 'available', last_deployment: { id, status: 'success' } });
    const [listed] = (await ask('GET', `${path}/environments`)).json;
    const { last_deployment: _, ...rest } = json;
    expect(listed).toEqual(rest);
    const empty = (await ask('POST', `${path}/environments`, { name: 'empty' })).json;
    expect((await ask('GET', `${path}/environments/${empty.id}`)).json).toMatchObject({ last_deployment: null });
  });

  it('are stopped when what runs there is taken down, here or natively, until something runs there again', async () => {
    const { path, project } = aProject();
    const { id, environment } = await create(path);
    const url = `${path}/environments/${environment.id}`;
    const stateNow = async (): Promise<string> => (await ask('GET', url)).json.state;
    expect((await ask('POST', `${url}/stop`, { force: true })).json.state).toBe('stopped');
    expect([await stateNow(), (await native(id)).status]).toEqual(['stopped', 'retired']);
    expect((await ask('POST', `${url}/stop`)).json.state).toBe('stopped');
    const again = await create(path, { status: 'running', sha: '2222222' });
    await report(path, again.id, 'success');
    expect(await stateNow()).toBe('available');
    await api.call(`${targetOf(project, 'production')}/deployments/2/retire`, { body: {} });
    await native(again.id);
    expect(await stateNow()).toBe('stopped');
    expect((await ask('DELETE', url)).status).toBe(204);
    await ask('POST', `${path}/environments`, { name: 'production' });
    expect(await stateNow()).toBe('available');
  });

  it('that ran nothing are available again with the next deployment; other labels stay', async () => {
    const { path, project } = aProject();
    const { id } = (await ask('POST', `${path}/environments`, { name: 'review/1' })).json;
    await api.call(targetOf(project, 'review/1'), { method: 'PATCH', body: { labels: { team: 'shop' } } });
    await native(id).catch(() => undefined);
    expect((await ask('POST', `${path}/environments/${id}/stop`)).json.state).toBe('stopped');
    await create(path, { environment: 'review/1', status: 'failed' });
    expect((await ask('GET', `${path}/environments/${id}`)).json.state).toBe('available');
    const { body } = await api.call(targetOf(project, 'review/1'));
    expect(body.labels).toMatchObject({ team: 'shop' });
  });

  it('keep their name, and change the rest; a name is taken once, and goes with what was stopped', async () => {
    const { path } = aProject();
    const made = await ask('POST', `${path}/environments`, { name: 'qa', tier: 'other', description: 'For all' });
    expect(made).toMatchObject({ status: 201, json: { tier: 'other', description: 'For all', slug: 'qa' } });
    const url = `${path}/environments/${made.json.id}`;
    expect(await ask('POST', `${path}/environments`, { name: 'qa' })).toMatchObject({
      status: 400,
      json: { message: { name: ['has already been taken'] } },
    });
    const changed = await ask('PUT', url, { external_url: 'https://qa.example', tier: 'testing', name: 'qa' });
    expect(changed).toMatchObject({ status: 200, json: { external_url: 'https://qa.example', tier: 'testing' } });
    expect((await ask('PUT', `${url}?external_url=`)).json).toMatchObject({ external_url: null, tier: 'testing' });
    expect(await ask('PUT', url, { name: 'other' })).toMatchObject({
      status: 400,
      json: { message: { name: ['cannot be changed: create another environment'] } },
    });
    expect(await ask('DELETE', url)).toMatchObject({ status: 403, json: { message: expect.stringMatching(/^403 /) } });
    await ask('POST', `${url}/stop`);
    expect(await ask('DELETE', url)).toMatchObject({ status: 204, body: '' });
    expect(await ask('GET', url)).toMatchObject({ status: 404, json: { message: '404 Not found' } });
    expect(await create(path, { environment: 'qa', sha: SHA })).toMatchObject({ status: 'success' });
  });
});
