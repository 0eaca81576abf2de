import { describe, expect, it } from '@jest/globals';
import { githubClient } from '../../../../../test/support/github.js';
import { TOKEN, currentIn } from '../../../../../test/support/server.js';
import { storyServer } from '../../../../../test/support/suite.js';
import { exchange } from '../../../../../test/support/wire.js';

/** What a client that cannot run here sends, and what it reads of the answers; `{id}` is of the deployment that it made. */
type Step = Readonly<{ sends: [method: string, path: string, body?: object]; reads: object; status: number }>;
type Client = Readonly<{
  name: string;
  headers: Readonly<Record<string, string>>;
  steps: readonly Step[];
  becomes: string;
}>;

const json = { 'content-type': 'application/json; charset=utf-8' };
const clients: readonly Client[] = [
  {
    name: 'gh api',
    headers: {
      accept: '*/*',
      authorization: `token ${TOKEN}`,
      'user-agent': 'GitHub CLI 2.62.0',
      'time-zone': 'Etc/UTC',
      ...json,
    },
    steps: [
      {
        // gh api repos/{owner}/{repo}/deployments -f ref=main -f environment=staging -F auto_merge=false -F 'required_contexts[]'
        sends: [
          'POST',
          '/deployments',
          { ref: 'main', environment: 'staging', auto_merge: false, required_contexts: [] },
        ],
        status: 201,
        reads: { ref: 'main', environment: 'staging', task: 'deploy' },
      },
      { sends: ['POST', '/deployments/{id}/statuses', { state: 'success' }], status: 201, reads: { state: 'success' } },
      { sends: ['GET', '/deployments?environment=staging&per_page=100'], status: 200, reads: [{ state: 'success' }] },
      { sends: ['GET', '/deployments/{id}/statuses?per_page=1'], status: 200, reads: [{ state: 'success' }] },
    ],
    becomes: 'current',
  },
  {
    name: 'bobheadxi/deployments',
    headers: {
      accept: 'application/vnd.github.ant-man-preview+json,application/vnd.github.flash-preview+json',
      authorization: `token ${TOKEN}`,
      'user-agent': 'octokit-core.js/3.6.0 Node.js/20.20.2 (linux; x64)',
      ...json,
    },
    steps: [
      {
        sends: [
          'POST',
          '/deployments',
          {
            ref: 'topic',
            required_contexts: [],
            environment: 'review-7',
            auto_merge: false,
            transient_environment: true,
            payload: { by: 'bobheadxi/deployments' },
          },
        ],
        status: 201,
        reads: { environment: 'review-7', transient_environment: true, payload: { by: 'bobheadxi/deployments' } },
      },
      {
        sends: [
          'POST',
          '/deployments/{id}/statuses',
          {
            state: 'in_progress',
            auto_inactive: false,
            ref: 'topic',
            description: '',
            log_url: 'https://ci.example/1',
          },
        ],
        status: 201,
        reads: { state: 'in_progress', environment: 'review-7' },
      },
      {
        sends: [
          'POST',
          '/deployments/{id}/statuses',
          {
            state: 'success',
            auto_inactive: false,
            environment_url: 'https://review-7.example',
            environment: 'review-7',
            description: '',
            log_url: 'https://ci.example/1',
          },
        ],
        status: 201,
        reads: { state: 'success', environment_url: 'https://review-7.example' },
      },
      {
        sends: ['GET', '/deployments?environment=review-7&per_page=100'],
        status: 200,
        reads: [{ environment: 'review-7' }],
      },
      { sends: ['GET', '/deployments/{id}/statuses?per_page=1'], status: 200, reads: [{ state: 'success' }] },
      {
        sends: ['POST', '/deployments/{id}/statuses', { state: 'inactive', description: 'Environment was pruned' }],
        status: 201,
        reads: { state: 'inactive' },
      },
    ],
    becomes: 'retired',
  },
  {
    name: 'go-github',
    headers: {
      accept: 'application/vnd.github.ant-man-preview+json, application/vnd.github.flash-preview+json',
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'go-github/v66.0.0',
      'x-github-api-version': '2022-11-28',
      'content-type': 'application/json',
    },
    steps: [
      {
        sends: ['POST', '/deployments', { ref: 'v1.2.3', task: 'deploy', payload: '{"pod":"a"}', environment: 'live' }],
        status: 201,
        reads: { ref: 'v1.2.3', payload: { pod: 'a' } },
      },
      {
        sends: [
          'POST',
          '/deployments/{id}/statuses',
          { state: 'failure', log_url: 'https://ci.example/2', auto_inactive: true },
        ],
        status: 201,
        reads: { state: 'failure', log_url: 'https://ci.example/2' },
      },
      { sends: ['GET', '/deployments/{id}'], status: 200, reads: { state: 'failure' } },
    ],
    becomes: 'failed',
  },
];

const api = storyServer();

describe('the requests of', () => {
  it.each(clients)('$name are answered as it reads them', async ({ headers, steps, becomes }) => {
    const { repository, native } = githubClient(() => api);
    const { path, project } = repository();
    let id = 0;
    for (const {
      sends: [method, below, body],
      status,
      reads,
    } of steps) {
      const sent = { method, path: `${path}${below.replace('{id}', String(id))}`, headers, ...(body ? { body } : {}) };
      const answered = await exchange(api.server.url, sent);
      expect([answered.status, answered.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
      const read = JSON.parse(answered.body);
      expect(read).toMatchObject(reads);
      if (below === '/deployments') ({ id } = read);
    }
    const { status, target, version } = await native(id);
    expect(status).toBe(becomes);
    expect(await currentIn(api, project)).toEqual(becomes === 'current' ? { [target]: version } : {});
  });
});
