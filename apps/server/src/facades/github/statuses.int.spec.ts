import { describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../../../test/support/github.js';
import { API, type Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const github = githubClient(() => api);
const { ask, repository, report, statesOf, native } = github;

const create = async (path: string, body: object = {}): Promise<number> =>
  (await github.create(path, { environment: 'staging', ...body })).id;

describe('a reported status', () => {
  it.each<[string[], string, string]>([
    [['queued'], 'scheduled', 'queued'],
    [['pending'], 'scheduled', 'pending'],
    [['in_progress'], 'deploying', 'in_progress'],
    [['in_progress', 'pending'], 'deploying', 'pending'],
    [['success'], 'current', 'success'],
    [['in_progress', 'success'], 'current', 'success'],
    [['failure'], 'failed', 'failure'],
    [['error'], 'failed', 'error'],
    [['success', 'failure'], 'failed', 'failure'],
    [['failure', 'error'], 'failed', 'error'],
    [['failure', 'in_progress'], 'failed', 'in_progress'],
    [['failure', 'in_progress', 'success'], 'current', 'success'],
    [['success', 'in_progress'], 'current', 'in_progress'],
    [['success', 'inactive'], 'retired', 'inactive'],
    [['inactive'], 'canceled', 'inactive'],
    [['in_progress', 'inactive'], 'canceled', 'inactive'],
    [['inactive', 'success'], 'current', 'success'],
    [['failure', 'inactive'], 'failed', 'inactive'],
  ])('%j makes it %s here, and %s there', async (states, status, state) => {
    const { path } = repository();
    const id = await create(path);
    for (const each of states) expect((await report(path, id, each)).status).toBe(201);
    expect(await native(id)).toMatchObject({ status });
    expect((await ask('GET', `${path}/deployments/${id}`)).json).toMatchObject({ state });
    expect(await statesOf(path, id)).toEqual(states.toReversed());
  });

  it('is answered whole, and is the one that is read', async () => {
    const { path } = repository();
    const id = await create(path);
    const made = await report(path, id, 'success', {
      description: 'Live',
      target_url: 'https://ci.example/0',
      log_url: 'https://ci.example/1',
      environment_url: 'https://shop.example',
      ref: 'main',
    });
    const url = `${api.server.url}${path}/deployments/${id}`;
    expect(made.headers.location).toBe(`${url}/statuses/${made.json.id}`);
    expect(made.json).toMatchObject({
      state: 'success',
      description: 'Live',
      target_url: 'https://ci.example/1',
      log_url: 'https://ci.example/1',
      environment_url: 'https://shop.example',
      environment: 'staging',
      deployment_url: url,
      creator: { login: 'admin' },
    });
    expect((await ask('GET', `${path}/deployments/${id}/statuses/${made.json.id}`)).json).toEqual(made.json);
    expect((await ask('GET', `${path}/deployments/${id}/statuses/1`)).status).toBe(404);
    expect(await native(id)).toMatchObject({ externalLink: { url: 'https://ci.example/1' } });
  });

  it.each<[string, object, string]>([
    ['no state', {}, 'Invalid request.\n\n"state" wasn\'t supplied.'],
    ['a state that is none', { state: 'done' }, 'Validation Failed'],
    ['a state that is only told', { state: 'waiting' }, 'Validation Failed'],
    [
      'a description that is too long',
      { state: 'success', description: 'x'.repeat(141) },
      'Invalid request.\n\n"description" is too long (maximum is 140 characters).',
    ],
    [
      'a link that does more than show',
      { state: 'success', log_url: 'javascript:alert(1)' },
      "Invalid request.\n\nFor 'properties/log_url', it is not a valid URI of the scheme http or https.",
    ],
  ])('of %s is refused', async (_, body, message) => {
    const { path } = repository();
    const id = await create(path);
    const refused = await ask('POST', `${path}/deployments/${id}/statuses`, body);
    expect([refused.status, refused.json.message]).toEqual([422, message]);
    expect(await statesOf(path, id)).toEqual([]);
  });

  it('that is sent again is the same one, also once another took its place', async () => {
    const { path } = repository();
    const id = await create(path);
    const first = await report(path, id, 'success', { description: 'Live' });
    const again = await report(path, id, 'success', { description: 'Live' });
    expect(again.json).toEqual(first.json);
    await report(path, await create(path), 'success');
    expect((await report(path, id, 'success', { description: 'Live' })).json.id).toBe(first.json.id);
    expect((await report(path, id, 'success', { description: 'Live once more' })).status).toBe(422);
    expect(await statesOf(path, id)).toEqual(['inactive', 'success']);
  });

  it('is decided by what others did meanwhile', async () => {
    const { path } = repository();
    const id = await create(path);
    await report(path, id, 'in_progress');
    const { project, number } = await native(id);
    const place = `${API}/projects/${encodeURIComponent(project)}/targets/staging/deployments/${number}`;
    await api.call(place, { method: 'PATCH', body: { description: 'by hand', metadata: { team: 'shop' } } });
    await native(id);
    // This process last left it in progress, with other metadata.
    expect((await report(path, id, 'success')).status).toBe(201);
    expect(await native(id)).toMatchObject({ status: 'current', description: 'by hand', metadata: { team: 'shop' } });
    await api.call(`${place}/retire`, { body: {} });
    await native(id);
    expect((await report(path, id, 'success', { description: 'once more' })).status).toBe(422);
  });

  it('by a key is answered alike for ever', async () => {
    const { path } = repository();
    const id = await create(path);
    const send = (state: string, key: string) =>
      ask('POST', `${path}/deployments/${id}/statuses`, { state }, { headers: { 'idempotency-key': key } });
    const first = await send('in_progress', 'step-1');
    await send('success', 'step-2');
    expect((await send('in_progress', 'step-1')).body).toBe(first.body);
    const gone = await send('inactive', 'step-3');
    expect((await send('inactive', 'step-3')).body).toBe(gone.body);
    expect((await send('failure', 'step-3')).status).toBe(422);
    expect(await statesOf(path, id)).toEqual(['inactive', 'success', 'in_progress']);
  });

  it('may move a deployment to another environment, which changes what it is called and not where it is', async () => {
    const { path } = repository();
    const id = await create(path);
    expect((await report(path, id, 'in_progress', { environment: 'canary' })).json).toMatchObject({
      environment: 'canary',
    });
    expect((await ask('GET', `${path}/deployments/${id}`)).json).toMatchObject({
      environment: 'canary',
      original_environment: 'staging',
    });
    expect(await native(id)).toMatchObject({ target: 'staging' });
  });

  it('leaves what others keep in the metadata', async () => {
    const { path } = repository();
    const id = await create(path);
    const { project, number, metadata } = await native(id);
    const place = `${API}/projects/${encodeURIComponent(project)}/targets/staging/deployments/${number}`;
    await api.call(place, { method: 'PATCH', body: { metadata: { ...metadata, team: 'shop' } } });
    await native(id);
    await report(path, id, 'success');
    expect(await native(id)).toMatchObject({
      metadata: { team: 'shop', github: { ref: 'main', status: { state: 'success' } } },
    });
    await api.call(place, { method: 'PATCH', body: { metadata: { github: 'mine' } } });
    await native(id);
    expect((await ask('GET', `${path}/deployments/${id}`)).json).toMatchObject({
      ref: 'main',
      task: 'deploy',
      payload: {},
      state: 'success',
    });
  });
});

describe('auto_inactive', () => {
  it.each<[string, object, object, string]>([
    ['makes inactive what it replaces', {}, {}, 'inactive'],
    ['off leaves it', {}, { auto_inactive: false }, 'success'],
    ['leaves what is in production', { production_environment: true }, {}, 'success'],
    ['leaves what is in an environment called production', { environment: 'production' }, {}, 'success'],
    [
      'takes what is said not to be in production',
      { environment: 'production', production_environment: false },
      {},
      'inactive',
    ],
    ['leaves what is transient', { transient_environment: true }, {}, 'success'],
  ])('%s', async (_, made, reported, state) => {
    const { path } = repository();
    const [one, two] = [await create(path, made), await create(path, made)];
    await report(path, one, 'success');
    await report(path, two, 'success', reported);
    expect((await ask('GET', `${path}/deployments/${one}`)).json).toMatchObject({ state });
    expect((await statesOf(path, one))[0]).toBe(state);
    expect((await ask('GET', `${path}/deployments`)).json.map((each: Loose) => each.state)).toEqual(['success', state]);
    expect(await native(one)).toMatchObject({ status: 'completed' });
  });

  it('touches no other environment', async () => {
    const { path } = repository();
    const [one, two] = [await create(path, { environment: 'a' }), await create(path, { environment: 'b' })];
    for (const id of [one, two]) await report(path, id, 'success');
    expect(await statesOf(path, one)).toEqual(['success']);
  });
});
