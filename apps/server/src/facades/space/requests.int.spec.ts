import { describe, expect, it } from '@jest/globals';
import { spaceClient } from '../../../../../test/support/space.js';
import { suiteServer } from '../../../../../test/support/suite.js';

const api = suiteServer();

const { ask, place } = spaceClient(() => api);
const ALL = '/api/http/projects/automation/deployment-targets';

describe('a bad request', () => {
  const target = 'key:production';
  const refusals: ReadonlyArray<
    [what: string, method: string, below: string, body: unknown, status: number, said: RegExp]
  > = [
    ['no target', 'POST', '/deployments/start', { version: '1' }, 400, /^targetIdentifier must be given/],
    ['a target of another type', 'POST', '/deployments/start', { targetIdentifier: 5 }, 400, /^targetIdentifier/],
    ['an unknown target', 'POST', '/deployments/finish', { targetIdentifier: 'x', version: '1' }, 404, /target/],
    ['an unknown number', 'POST', '/deployments/finish', { targetIdentifier: 'number:1' }, 404, /target/],
    ['an unknown id', 'POST', '/deployments/finish', { targetIdentifier: 'id:x', version: '1' }, 404, /target/],
    ['no body', 'POST', '/deployments/start', undefined, 400, /^targetIdentifier/],
    ['a list', 'POST', '/deployments/start', [], 400, /^The body/],
    ['no JSON', 'POST', '/deployments/start', '{', 400, /JSON/],
    [
      'a number for a version',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, version: 1 },
      400,
      /^version must/,
    ],
    [
      'a text for refs',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, commitRefs: 'x' },
      400,
      /^commitRefs/,
    ],
    [
      'a text for refs, to finish',
      'POST',
      '/deployments/finish',
      { targetIdentifier: target, commitRefs: 'x' },
      400,
      /^commitRefs/,
    ],
    [
      'null for a ref, to finish',
      'POST',
      '/deployments/finish',
      { targetIdentifier: target, commitRefs: [null] },
      400,
      /commitRefs/,
    ],
    [
      'a number for a branch',
      'POST',
      '/deployments/finish',
      { targetIdentifier: target, commitRefs: [{ repositoryName: 'r', branch: 1 }] },
      400,
      /commitRefs/,
    ],
    [
      'a text for a ref',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, commitRefs: ['x'] },
      400,
      /commitRefs/,
    ],
    [
      'a ref without its repository',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, version: '1', commitRefs: [{ branch: 'main' }] },
      400,
      /repositoryName must/,
    ],
    [
      'a ref without a commit, to start',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, version: '1', commitRefs: [{ repositoryName: 'r', branch: 'main' }] },
      400,
      /commit/i,
    ],
    [
      'one branch twice',
      'POST',
      '/deployments/start',
      {
        targetIdentifier: target,
        version: '1',
        commitRefs: ['main', 'refs/heads/main'].map((branch) => ({ repositoryName: 'r', branch, commit: 'abc1234' })),
      },
      400,
      /twice/,
    ],
    [
      'a link that is none',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, externalLink: 'x' },
      400,
      /externalLink/,
    ],
    [
      'a link to nowhere',
      'POST',
      '/deployments/start',
      { targetIdentifier: target, version: '1', externalLinkUrl: 'x' },
      400,
      /url/,
    ],
    [
      'a time that is none',
      'POST',
      '/deployments/schedule',
      { targetIdentifier: target, version: '1', scheduledStart: 'soon' },
      400,
      /^scheduledStart must/,
    ],
    ['a finish of nothing', 'POST', '/deployments/finish', { targetIdentifier: target }, 400, /version/],
    [
      'a failure of nothing',
      'POST',
      '/deployments/fail',
      { targetIdentifier: target },
      404,
      /^Nothing is being deployed/,
    ],
    ['an unknown status', 'GET', '/deployments/key:production/status:failed', undefined, 400, /^status must be one of/],
    ['a status that none has', 'GET', '/deployments/key:production/status:current', undefined, 404, /current/],
    ['a version that none has', 'GET', '/deployments/key:production/version:9', undefined, 404, /deployment/],
    ['an id that none has', 'GET', '/deployments/key:production/id:x', undefined, 404, /deployment/],
    ['a deployment of an unknown target', 'GET', '/deployments/key:x/id:1', undefined, 404, /target/],
    ['a list of an unknown target', 'GET', '/deployments?targetIdentifier=key:x', undefined, 404, /target/],
    [
      'a change of no deployment',
      'PATCH',
      '/deployments',
      { targetIdentifier: target },
      400,
      /^deploymentIdentifier must/,
    ],
    ['a page that is none', 'GET', '/deployments?$skip=x', undefined, 400, /^\$skip must/],
    ['a page of a size that is none', 'GET', '/deployments?$top=-1', undefined, 400, /^\$top must/],
    ['a target without its name', 'POST', '/deployment-targets', { key: 'x' }, 400, /^name, description must/],
    [
      'a target that is there',
      'POST',
      '/deployment-targets',
      { key: 'production', name: '', description: '' },
      409,
      /production/,
    ],
    ['a key that is none', 'POST', '/deployment-targets', { key: ' x ', name: 'x', description: '' }, 400, /must be/],
    [
      'minutes that are none',
      'PATCH',
      '/deployment-targets/production',
      { hangTimeoutMinutes: 'x' },
      400,
      /^hangTimeoutMinutes must/,
    ],
    ['another key', 'PATCH', '/deployment-targets/production', { key: 'other' }, 400, /^key cannot/],
    ['links that are none', 'PATCH', '/deployment-targets/production', { links: 'x' }, 400, /^links must/],
    [
      'a link without a scheme',
      'PATCH',
      '/deployment-targets/production',
      { links: [{ url: 'x' }] },
      400,
      /^links must/,
    ],
    ['an unknown target to change', 'PATCH', '/deployment-targets/x', { name: 'y' }, 404, /target/],
    ['an unknown route', 'GET', '/nothing', undefined, 404, /route/],
    ['an empty segment', 'GET', '/deployments//production', undefined, 404, /route/],
  ];
  it.each(refusals)('%s is refused in Space’s words', async (...[, method, below, body, status, said]) => {
    const { at } = await place();
    const sent = { headers: { 'content-type': 'application/json' } };
    const answered = await ask(
      method,
      `${at.replace(/\/deployments$/, '')}${below}`,
      body,
      body === undefined ? {} : sent,
    );
    const error = { 400: 'validation-error', 404: 'not-found', 409: 'duplicated-entity' }[status];
    expect([answered.status, answered.json]).toEqual([
      status,
      { error, error_description: expect.stringMatching(said) },
    ]);
  });

  it.each([
    ['a search without filters', 'POST', '/search', {}],
    ['a filter that is none', 'POST', '/search', { expression: { filters: [{ className: 'Other' }] } }],
    [
      'a filter without projects',
      'POST',
      '/search',
      { expression: { filters: [{ className: 'DeployTargetsSearchFilter.ByProjects' }] } },
    ],
    [
      'a batch that is none',
      'POST',
      '/search',
      { expression: { filters: [] }, batchInfo: { offset: 'x', batchSize: 1 } },
    ],
    ['an audit log of nothing', 'GET', '/audit-log', undefined],
  ])('%s is refused', async (_, method, below, body) => {
    const answered = await ask(method, `${ALL}${below}`, body);
    expect([answered.status, answered.json.error]).toEqual([400, 'validation-error']);
  });
});
