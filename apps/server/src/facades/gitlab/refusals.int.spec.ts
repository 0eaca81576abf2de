import { describe, expect, it } from '@jest/globals';
import { gitlabClient, SHA } from '../../../../../test/support/gitlab.js';
import type { Loose } from '../../../../../test/support/server.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask } = gitlabClient(() => api);

describe('a refusal', () => {
  const at = '/api/v4/projects/group%2Frefused';
  const whole = { environment: 'production', sha: SHA, ref: 'main', tag: false, status: 'success' };
  const without = (...names: string[]): Loose =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name)));
  const text = { 'content-type': 'text/xml' };
  type Told = [what: string, method: string, path: string, more: Loose, status: number, body: Loose];
  const refusals: Told[] = [
    ['no token', 'GET', '/api/v4/user', { token: undefined }, 401, { message: '401 Unauthorized' }],
    ['a token of nobody', 'GET', '/api/v4/user', { token: 'nobody' }, 401, { message: '401 Unauthorized' }],
    ['an unknown route', 'GET', '/api/v4/nothing', {}, 404, { error: '404 Not Found' }],
    ['a route that is not served', 'GET', `${at}/issues`, {}, 404, { error: '404 Not Found' }],
    ['two slashes too many', 'GET', `${at}/deployments//`, {}, 404, { error: '404 Not Found' }],
    ['a method that is not there', 'PATCH', `${at}/deployments/1`, { body: {} }, 404, { error: '404 Not Found' }],
    ['a deployment that is not there', 'GET', `${at}/deployments/1`, {}, 404, { message: '404 Deployment Not Found' }],
    ['an id that is none', 'GET', `${at}/deployments/one`, {}, 400, { error: 'deployment_id is invalid' }],
    ['an environment that is none', 'GET', `${at}/environments/x`, {}, 400, { error: 'environment_id is invalid' }],
    ['an environment that is not there', 'GET', `${at}/environments/1`, {}, 404, { message: '404 Not found' }],
    [
      'a project that can be none',
      'GET',
      '/api/v4/projects/%20/deployments',
      {},
      404,
      { message: '404 Project Not Found' },
    ],
    [
      'a merge request of nothing',
      'GET',
      `${at}/deployments/1/merge_requests`,
      {},
      404,
      { message: '404 Deployment Not Found' },
    ],
    [
      'bad JSON',
      'POST',
      `${at}/deployments`,
      { body: '{' },
      400,
      { error: 'There was a problem in the JSON you submitted' },
    ],
    [
      'a list as the body',
      'POST',
      `${at}/deployments`,
      { body: [] },
      400,
      { error: expect.stringContaining('not an object') },
    ],
    ['another type', 'POST', `${at}/deployments`, { body: '<a/>', headers: text }, 415, { error: expect.any(String) }],
    [
      'too much',
      'POST',
      `${at}/deployments`,
      { body: { sha: 'x'.repeat(300_000) } },
      413,
      { message: '413 Payload Too Large' },
    ],
    [
      'two missing parameters',
      'POST',
      `${at}/deployments`,
      { body: without('environment', 'sha') },
      400,
      { error: 'environment is missing, sha is missing' },
    ],
    [
      'all missing',
      'POST',
      `${at}/deployments`,
      { body: {} },
      400,
      { error: 'environment is missing, sha is missing, ref is missing, tag is missing, status is missing' },
    ],
    [
      'a missing one that is null',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, ref: null } },
      400,
      { error: 'ref is missing' },
    ],
    [
      'what GitLab itself makes alone',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, status: 'created' } },
      400,
      { error: 'status does not have a valid value' },
    ],
    [
      'a flag that is none',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, tag: 'perhaps' } },
      400,
      { error: 'tag is invalid' },
    ],
    [
      'a text that is none',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, ref: {} } },
      400,
      { error: 'ref is invalid' },
    ],
    [
      'what is blank',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, environment: '', sha: ' ' } },
      400,
      { message: { name: ["can't be blank"], sha: ["can't be blank"] } },
    ],
    [
      'a name that is too long',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, environment: 'a'.repeat(300) } },
      400,
      { message: { name: [expect.stringContaining('1 to 200')] } },
    ],
    [
      'a ref that is too long',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, ref: 'a'.repeat(5_000) } },
      400,
      { message: { ref: [expect.any(String), expect.any(String)] } },
    ],
    [
      'a sha that is too long',
      'POST',
      `${at}/deployments`,
      { body: { ...whole, sha: 'a'.repeat(5_000) } },
      400,
      { message: { sha: [expect.any(String)] } },
    ],
    ['an environment without a name', 'POST', `${at}/environments`, { body: {} }, 400, { error: 'name is missing' }],
    [
      'a URL that is none',
      'POST',
      `${at}/environments`,
      { body: { name: 'x', external_url: 'nope' } },
      400,
      { message: { external_url: [expect.any(String)] } },
    ],
    [
      'a tier that is none',
      'POST',
      `${at}/environments`,
      { body: { name: 'x', tier: 'moon' } },
      400,
      { error: 'tier does not have a valid value' },
    ],
    [
      'a slug',
      'POST',
      `${at}/environments`,
      { body: { name: 'x', slug: 'y' } },
      400,
      { error: 'slug is automatically generated and cannot be changed' },
    ],
    [
      'a search that is too short',
      'GET',
      `${at}/environments?search=ab`,
      {},
      400,
      { message: '400 Bad request - Search query is less than 3 characters' },
    ],
    [
      'a name and a search',
      'GET',
      `${at}/environments?search=abc&name=x`,
      {},
      400,
      { error: 'name, search cannot be used together' },
    ],
    [
      'a state that is none',
      'GET',
      `${at}/environments?states=asleep`,
      {},
      400,
      { error: 'states does not have a valid value' },
    ],
  ];
  it.each(refusals.map((row) => [row[0], row] as const))('of %s is GitLab’s', async (_, row) => {
    const [, method, path, { body, ...more }, status, told] = row;
    const answered = await ask(method, path, body, more);
    expect([answered.status, answered.json]).toEqual([status, told]);
    expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
  });
});
